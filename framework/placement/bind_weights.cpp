// The choice of arithmetic, layouts and kernels per group of weights that share a node.
#include "framework/placement/bind_weights.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>

#include "framework/graph/op_info.hpp"
#include "framework/placement/abi_graph.hpp"

namespace tenon {
namespace {

constexpr std::int64_t k_pin_bonus = std::int64_t{1} << 44;  // above any sum of scores

struct Attempt {
  std::int64_t score = 0;
  std::map<std::uint32_t, const tn_kernel_desc*> kernels;  // by node
  std::map<WeightPlace, std::string> layouts;
};

class Binder {
 public:
  Binder(const Graph& graph, const std::vector<NodeOptions>& options,
         std::span<const Target> targets, const KernelSources& sources, const HostTable& host)
      : graph_(graph), options_(options), targets_(targets), sources_(sources), host_(host) {
    for (std::uint32_t n = 0; n < graph_.nodes.size(); ++n) note_uses(n);
  }

  Result<Binding> run() {
    binding_.kernels.assign(graph_.nodes.size(), nullptr);
    for (const auto& group : groups())
      if (Status s = bind(group); !s) return fail(s);
    return std::move(binding_);
  }

 private:
  // Weight operands; a weight that is viewed, or read as plain values as well, stays plain.
  void note_uses(std::uint32_t n) {
    auto& uses = uses_.emplace_back();
    const Node& node = graph_.nodes[n];
    for (std::size_t i = 0; i < node.in.size(); ++i) {
      if (node.in[i] == k_no_value) continue;
      const WeightPlace place{options_[n].device, graph_.root_of(node.in[i])};
      const bool weight = node.op->weight_operand(i);
      if (weight) uses.push_back(place);
      if (!weight || place.weight != node.in[i]) plain_only_.insert(place);
    }
  }

  // Connected components of nodes over shared weights; nodes without weights are alone.
  std::vector<std::vector<std::uint32_t>> groups() const {
    std::vector<std::uint32_t> parent(graph_.nodes.size());
    std::iota(parent.begin(), parent.end(), 0u);
    const auto root = [&](std::uint32_t n) {
      while (parent[n] != n) n = parent[n] = parent[parent[n]];
      return n;
    };
    std::map<WeightPlace, std::uint32_t> first;
    for (std::uint32_t n = 0; n < graph_.nodes.size(); ++n)
      for (const WeightPlace& use : uses_[n])
        parent[root(n)] = root(first.try_emplace(use, n).first->second);
    std::map<std::uint32_t, std::vector<std::uint32_t>> by_root;
    for (std::uint32_t n = 0; n < graph_.nodes.size(); ++n) by_root[root(n)].push_back(n);
    std::vector<std::vector<std::uint32_t>> groups;
    for (auto& [_, nodes] : by_root) groups.push_back(std::move(nodes));
    return groups;
  }

  Status bind(const std::vector<std::uint32_t>& group) {
    const std::uint32_t n = group.front();
    const auto all = [&](auto has) { return std::ranges::all_of(group, has); };
    if (all([&](auto m) { return only_own(options_[m].kernels); })) return bind_own(group);
    std::optional<Attempt> best;
    for (const std::string& arithmetic : arithmetics(group))
      for (const bool packed : {true, false}) {
        std::optional<Attempt> attempt = try_bind(group, arithmetic, packed);
        if (attempt && (!best || attempt->score > best->score)) best = std::move(attempt);
      }
    if (!best && all([&](auto m) { return has_own(options_[m].kernels); })) return bind_own(group);
    if (!best)
      return fail(
          ErrorCode::unavailable,
          graph_.nodes[n].name + ": no layout and arithmetic suits every use of its weights");
    for (const auto& [node, kernel] : best->kernels) binding_.kernels[node] = kernel;
    for (const auto& [weight, layout] : best->layouts)
      binding_.weights[weight] = {layout, find_layout(weight, layout)};
    return {};
  }

  Status bind_own(const std::vector<std::uint32_t>& group) {
    for (const std::uint32_t n : group)
      for (const WeightPlace& use : uses_[n])
        if (!binding_.weights.contains(use)) binding_.weights[use] = {own_layout(group, use)};
    return {};
  }
  std::string own_layout(const std::vector<std::uint32_t>& group, const WeightPlace& place) const {
    if (plain_only_.contains(place)) return TN_LAYOUT_PLAIN;
    const auto takes = [&](std::uint32_t n, const std::string& layout) {
      const auto& all = options_[n].layouts;
      return !uses(n, place) || std::find(all.begin(), all.end(), layout) != all.end();
    };
    for (const std::uint32_t n : group) {
      if (!uses(n, place)) continue;
      for (const std::string& layout : options_[n].layouts)
        if (std::all_of(group.begin(), group.end(),
                        [&](auto other) { return takes(other, layout); }))
          return layout;
      break;
    }
    return TN_LAYOUT_PLAIN;
  }

  static bool is_own(const RankedKernel& k) { return k.desc == nullptr; }
  static bool only_own(const std::vector<RankedKernel>& kernels) {
    return std::ranges::all_of(kernels, is_own);
  }
  static bool has_own(const std::vector<RankedKernel>& kernels) {
    return std::ranges::any_of(kernels, is_own);
  }

  // The layouts of weights that it takes, preferred first.
  std::vector<std::string> layouts_of(std::uint32_t n, const RankedKernel& k) const {
    if (is_own(k)) return options_[n].layouts;
    std::vector<std::string> all;
    for (auto l = k.desc->layouts; l != nullptr && *l != nullptr; ++l) all.emplace_back(*l);
    return all.empty() ? std::vector<std::string>{TN_LAYOUT_PLAIN} : all;
  }
  bool accepts(std::uint32_t n, const RankedKernel& k, const std::string& layout) const {
    return std::ranges::count(layouts_of(n, k), layout) > 0;
  }

  // In order of preference; "" stands for kernels that name none.
  std::vector<std::string> arithmetics(const std::vector<std::uint32_t>& group) const {
    std::vector<std::string> names;
    for (const std::uint32_t n : group)
      for (const RankedKernel& k : options_[n].kernels) {
        const std::string name = k.arithmetic != nullptr ? k.arithmetic : "";
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
      }
    return names;
  }

  static bool fits(const RankedKernel& kernel, const std::string& arithmetic) {
    return kernel.arithmetic == nullptr || arithmetic == kernel.arithmetic;
  }

  std::optional<Attempt> try_bind(const std::vector<std::uint32_t>& group,
                                  const std::string& arithmetic, bool packed) const {
    Attempt attempt;
    for (const std::uint32_t n : group)
      for (const WeightPlace& use : uses_[n])
        if (!attempt.layouts.contains(use))
          attempt.layouts[use] = packed ? common_layout(group, use, arithmetic) : TN_LAYOUT_PLAIN;
    for (const std::uint32_t n : group) {
      const RankedKernel* kernel = first_fitting(n, arithmetic, attempt.layouts);
      if (kernel == nullptr) return std::nullopt;
      attempt.kernels[n] = kernel->desc;
      attempt.score += kernel->score + (kernel->pinned ? k_pin_bonus : 0);
    }
    return attempt;
  }

  const RankedKernel* first_fitting(std::uint32_t n, const std::string& arithmetic,
                                    const std::map<WeightPlace, std::string>& layouts) const {
    for (const RankedKernel& k : options_[n].kernels) {
      const bool takes_all = std::ranges::all_of(
          uses_[n], [&](const auto& use) { return accepts(n, k, layouts.at(use)); });
      if (takes_all && fits(k, arithmetic)) return &k;
    }
    return nullptr;
  }

  // The most preferred layout of `place` that some kernel of every consumer accepts.
  std::string common_layout(const std::vector<std::uint32_t>& group, const WeightPlace& place,
                            const std::string& arithmetic) const {
    for (const std::uint32_t n : group)
      for (const RankedKernel& k : options_[n].kernels) {
        if (!uses(n, place) || !fits(k, arithmetic)) continue;
        for (const std::string& l : layouts_of(n, k))
          if (usable_layout(n, place, l) && all_accept(group, place, arithmetic, l)) return l;
      }
    return TN_LAYOUT_PLAIN;
  }

  bool uses(std::uint32_t n, const WeightPlace& place) const {
    return std::any_of(uses_[n].begin(), uses_[n].end(), [&](const WeightPlace& u) {
      return u.weight == place.weight && u.device == place.device;
    });
  }
  // Packed by a pack, or by the device as for its own op.
  bool usable_layout(std::uint32_t n, const WeightPlace& place, const std::string& layout) const {
    if (layout == TN_LAYOUT_PLAIN || plain_only_.contains(place)) return layout == TN_LAYOUT_PLAIN;
    return std::ranges::count(options_[n].layouts, layout) > 0 ||
           packs(find_layout(place, layout), place);
  }
  bool packs(const tn_layout_desc* layout, const WeightPlace& place) const {
    if (layout == nullptr) return false;
    const tn_tensor tensor = to_abi(graph_.values[place.weight], host_, Extents{});
    std::uint64_t bytes = 0, align = 0;
    return layout->packed_size(layout, &tensor, &bytes, &align) != TN_ERR_UNSUPPORTED;
  }
  bool all_accept(const std::vector<std::uint32_t>& group, const WeightPlace& place,
                  const std::string& arithmetic, const std::string& layout) const {
    for (const std::uint32_t n : group) {
      if (!uses(n, place)) continue;
      const auto& kernels = options_[n].kernels;
      if (std::none_of(kernels.begin(), kernels.end(), [&](const RankedKernel& k) {
            return fits(k, arithmetic) && accepts(n, k, layout);
          }))
        return false;
    }
    return true;
  }

  const tn_layout_desc* find_layout(const WeightPlace& place, std::string_view id) const {
    for (const LayoutOffer& offer : sources_.layouts)
      if (id == offer.desc->id && targets_[place.device].device.info().has_slot(offer.desc->slot) &&
          graph_.values[place.weight].dtype->name == offer.desc->dtype)
        return offer.desc;
    return nullptr;
  }

  const Graph& graph_;
  const std::vector<NodeOptions>& options_;
  std::span<const Target> targets_;
  const KernelSources& sources_;
  const HostTable& host_;
  std::vector<std::vector<WeightPlace>> uses_;  // per node
  std::set<WeightPlace> plain_only_;
  Binding binding_;
};

}  // namespace

Result<Binding> bind_weights(const Graph& graph, const std::vector<NodeOptions>& options,
                             std::span<const Target> targets, const KernelSources& sources,
                             const HostTable& host) {
  return Binder(graph, options, targets, sources, host).run();
}

}  // namespace tenon
