// Placement of nodes: where they are wanted, composites whole where possible,
// the cache of a layer in one place.
#include "framework/placement/place.hpp"

#include <algorithm>

#include "framework/base/raised.hpp"
#include "framework/graph/fuse.hpp"
#include "framework/graph/op_info.hpp"

namespace tenon {
namespace {

struct Placed {
  std::uint32_t device, number;
  NodeSupport support;
  std::string reason;  // "" where it is wanted
};

// Where the states of a layer are.
struct Cache {
  std::uint32_t device = 0;
  std::string refusals;  // of the devices before it
};

class Placer {
 public:
  Placer(Graph& graph, std::span<const Target> targets, const KernelSources& sources,
         const HostTable& host, const Extents& bounds, std::span<const std::uint32_t> wanted,
         const std::uint32_t* cancel)
      : graph_(graph),
        targets_(targets),
        sources_(sources),
        queries_(graph, host, bounds),
        wanted_(wanted),
        cancel_(cancel) {}

  Status run() {
    if (Status s = place_caches(); !s) return s;
    std::vector<Node> nodes;
    const std::vector<Node> before = graph_.nodes;
    for (std::uint32_t n = 0; n < before.size(); ++n)
      if (Status s = place_node(before[n], n, nodes); !s) return s;
    graph_.nodes = std::move(nodes);
    return {};
  }
  std::vector<Placed> take() { return std::move(placed_); }

 private:
  using Order = std::vector<std::uint32_t>;

  NodeSupport ask(const Node& node, std::size_t device) {
    return find_support(graph_, node, targets_[device], sources_, queries_);
  }

  // The devices that are asked for a node, one after the other.
  Order order_of(std::uint32_t number) const {
    Order order = {wanted_.empty() ? 0 : wanted_[number]};
    for (const bool host_memory : {true, false})
      for (std::uint32_t d = 0; d < targets_.size(); ++d)
        if (d != order.front() && targets_[d].device.host_memory() == host_memory)
          order.push_back(d);
    return order;
  }

  // The cache that a node uses, by the layer that declared it; TN_NONE for other nodes.
  std::uint32_t cache_of(const Node& node) const {
    for (const ValueId v : node.in)
      if (v != k_no_value && graph_.values[v].kind == ValueKind::state)
        return graph_.values[v].layer;
    return TN_NONE;
  }

  // The first device that runs every node of a cache gets the cache.
  Status place_caches() {
    std::map<std::uint32_t, std::vector<std::uint32_t>> users;
    for (std::uint32_t n = 0; n < graph_.nodes.size(); ++n)
      if (const std::uint32_t cache = cache_of(graph_.nodes[n]); cache != TN_NONE)
        users[cache].push_back(n);
    for (const auto& [cache, nodes] : users)
      if (Status s = place_cache(caches_[cache], nodes); !s) return s;
    return {};
  }

  Status place_cache(Cache& cache, const std::vector<std::uint32_t>& users) {
    for (const std::uint32_t d : order_of(users.front())) {
      const std::string why = first_refusal(users, d);
      if (why.empty()) return cache.device = d, Status();
      cache.refusals += (cache.refusals.empty() ? "" : "; ") + why;
    }
    return fail(
        ErrorCode::unavailable,
        graph_.nodes[users.front()].name + ": no device keeps the cache (" + cache.refusals + ")",
        Setting::cache_type);
  }

  std::string first_refusal(const std::vector<std::uint32_t>& nodes, std::uint32_t device) {
    for (const std::uint32_t n : nodes)
      if (const NodeSupport support = ask(graph_.nodes[n], device); !support.supported)
        return refusal(graph_.nodes[n], device, support);
    return "";
  }
  std::string refusal(const Node& node, std::uint32_t device, const NodeSupport& support) const {
    return targets_[device].device.info().label() + ": " + std::string(node.op->name) + ": " +
           support.refusal;
  }

  Status place_node(const Node& node, std::uint32_t number, std::vector<Node>& nodes) {
    const auto cache = caches_.find(cache_of(node));
    std::string refusals = cache != caches_.end() ? cache->second.refusals : "";
    if (raised(cancel_)) return fail(ErrorCode::cancelled, "placing was cancelled");
    std::vector<Node> parts;
    for (const std::uint32_t d :
         cache != caches_.end() ? Order{cache->second.device} : order_of(number)) {
      NodeSupport support = ask(node, d);
      if (support.supported) {
        nodes.push_back(node);
        placed_.push_back({d, number, std::move(support), refusals});
        return {};
      }
      refusals += (refusals.empty() ? "" : "; ") + refusal(node, d, support);
      if (node.op->composite() && parts.empty()) parts = decompose(graph_, node);
      if (some_run_on(parts, d)) return place_parts(parts, number, nodes, refusals);
    }
    return fail(ErrorCode::unavailable, node.name + ": no device runs " +
                                            std::string(node.op->name) + " (" + refusals + ")");
  }

  bool some_run_on(const std::vector<Node>& parts, std::uint32_t device) {
    return std::any_of(parts.begin(), parts.end(),
                       [&](const Node& part) { return ask(part, device).supported; });
  }

  Status place_parts(const std::vector<Node>& parts, std::uint32_t number, std::vector<Node>& nodes,
                     const std::string& refusals) {
    for (const Node& part : parts) {
      if (Status s = place_node(part, number, nodes); !s) return s;
      std::string& reason = placed_.back().reason;
      reason =
          "part of a declined composite (" + refusals + ")" + (reason.empty() ? "" : "; " + reason);
    }
    return {};
  }

  Graph& graph_;
  std::span<const Target> targets_;
  const KernelSources& sources_;
  QueryBuilder queries_;
  std::span<const std::uint32_t> wanted_;
  const std::uint32_t* cancel_;
  std::map<std::uint32_t, Cache> caches_;  // by layer
  std::vector<Placed> placed_;
};

// Kernels that were not chosen, with their scores; those that lack something, with what it is.
std::string others(const NodeSupport& support, const tn_kernel_desc* chosen) {
  std::string over, text;
  for (const RankedKernel& k : support.kernels)
    if (k.desc != chosen)
      over += (over.empty() ? "" : ", ") + name_of(k.desc) + " " + std::to_string(k.score);
  if (!over.empty()) text = ", over " + over;
  for (const std::string& refused : support.refused) text += "; refused: " + refused;
  return text;
}

std::string explain(const Placed& placed, const RankedKernel& chosen) {
  const NodeSupport& support = placed.support;
  std::string text = placed.reason.empty() ? "" : "fallback: " + placed.reason + "; ";
  const std::string over = others(support, chosen.desc);
  if (chosen.desc == nullptr) return text + "the device's own" + over;
  text += chosen.pinned ? "pinned by a kernel rule" : "score " + std::to_string(chosen.score);
  if (chosen.desc != support.kernels.front().desc)
    text += ", for one layout and arithmetic per weight";
  return text + (support.kernels.size() == 1 ? ", the only one" : "") + over;
}

}  // namespace

Result<Placement> place(Graph& graph, std::span<const Target> targets, const KernelSources& sources,
                        const HostTable& host, const Extents& bounds,
                        std::span<const std::uint32_t> wanted, const std::uint32_t* cancel) {
  Placer placer(graph, targets, sources, host, bounds, wanted, cancel);
  if (Status s = placer.run(); !s) return fail(s);
  std::vector<Placed> placed = placer.take();
  std::vector<NodeOptions> options;
  for (const Placed& p : placed)
    options.push_back({p.device, p.support.kernels, p.support.layouts});
  auto bound = bind_weights(graph, options, targets, sources, host);
  if (!bound) return fail(bound);
  Placement placement;
  placement.weights = std::move(bound->weights);
  for (std::size_t n = 0; n < placed.size(); ++n) {
    const RankedKernel& chosen =
        *std::ranges::find(placed[n].support.kernels, bound->kernels[n], &RankedKernel::desc);
    placement.nodes.push_back({placed[n].device, chosen.desc, explain(placed[n], chosen),
                               placed[n].number, chosen.arithmetic});
  }
  return placement;
}

}  // namespace tenon
