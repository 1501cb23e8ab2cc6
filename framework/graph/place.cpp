// Placement of nodes: home first, composites whole where possible, the cache of a layer in one
// place.
#include "framework/graph/place.hpp"

#include <algorithm>

#include "framework/graph/bind_weights.hpp"
#include "framework/graph/fuse.hpp"
#include "framework/graph/op_info.hpp"

namespace tenon {
namespace {

struct Placed {
  std::uint32_t device;
  NodeSupport support;
  std::string reason;  // "" at home
};

class Placer {
 public:
  Placer(Graph& graph, std::span<const Target> targets, const KernelSources& sources,
         const HostTable& host, const Extents& bounds)
      : graph_(graph), targets_(targets), sources_(sources), queries_(graph, host, bounds) {}

  Status run() {
    find_stateful_layers();
    std::vector<Node> nodes;
    const std::vector<Node> before = graph_.nodes;
    for (const Node& node : before)
      if (Status s = place_node(node, nodes); !s) return s;
    graph_.nodes = std::move(nodes);
    return {};
  }
  std::vector<Placed> take() { return std::move(placed_); }

 private:
  NodeSupport ask(const Node& node, std::size_t device) {
    return find_support(graph_, node, targets_[device], sources_, queries_);
  }

  bool stateful(const Node& node) const {
    return std::any_of(node.in.begin(), node.in.end(), [&](ValueId v) {
      return v != k_no_value && graph_.values[v].kind == ValueKind::state;
    });
  }

  // The first device that runs every stateful node of a layer gets the layer's cache.
  void find_stateful_layers() {
    for (const Node& node : graph_.nodes) {
      if (!stateful(node)) continue;
      std::uint32_t& device = cache_device_[node.layer];
      while (device < targets_.size() && !ask(node, device).supported) ++device;
    }
  }

  Status place_node(const Node& node, std::vector<Node>& nodes) {
    const std::uint32_t first = stateful(node) ? cache_device_[node.layer] : 0;
    std::string refusals;
    for (std::uint32_t d = first; d < targets_.size(); ++d) {
      NodeSupport support = ask(node, d);
      if (support.supported) {
        nodes.push_back(node);
        placed_.push_back({d, std::move(support), refusals});
        return {};
      }
      const std::string& name = targets_[d].device.info().backend;
      refusals += (refusals.empty() ? "" : "; ") + name + ": " + support.refusal;
      if (part_runs_on(node, d)) return place_parts(node, nodes, refusals);
    }
    return fail(ErrorCode::unavailable, node.name + ": no device runs " +
                                            std::string(node.op->name) + " (" + refusals + ")");
  }

  bool part_runs_on(const Node& node, std::uint32_t device) {
    if (!node.op->composite()) return false;
    for (const Node& part : decompose(graph_, node))
      if (ask(part, device).supported) return true;
    return false;
  }

  Status place_parts(const Node& node, std::vector<Node>& nodes, const std::string& refusals) {
    for (const Node& part : decompose(graph_, node)) {
      if (Status s = place_node(part, nodes); !s) return s;
      placed_.back().reason = "part of a declined composite (" + refusals + ")";
    }
    return {};
  }

  Graph& graph_;
  std::span<const Target> targets_;
  const KernelSources& sources_;
  QueryBuilder queries_;
  std::map<std::uint32_t, std::uint32_t> cache_device_;
  std::vector<Placed> placed_;
};

std::string explain(const Placed& placed, const tn_kernel_desc* chosen) {
  std::string text = placed.reason.empty() ? "" : "fallback: " + placed.reason + "; ";
  if (chosen == nullptr) return text + "the device's own";
  const auto& kernels = placed.support.kernels;
  const auto at =
      std::find_if(kernels.begin(), kernels.end(), [&](const auto& k) { return k.desc == chosen; });
  text += at->pinned ? "pinned by --kernel" : "score " + std::to_string(chosen->score);
  if (at != kernels.begin()) text += ", for one layout and arithmetic per weight";
  std::string over;
  for (const RankedKernel& k : kernels)
    if (k.desc != chosen)
      over += (over.empty() ? "" : ", ") + std::string(k.desc->id) + " " +
              std::to_string(k.desc->score);
  return text + (over.empty() ? ", the only one" : ", over " + over);
}

}  // namespace

Result<Placement> place(Graph& graph, std::span<const Target> targets, const KernelSources& sources,
                        const HostTable& host, const Extents& bounds) {
  Placer placer(graph, targets, sources, host, bounds);
  if (Status s = placer.run(); !s) return fail(s);
  std::vector<Placed> placed = placer.take();
  std::vector<NodeOptions> options;
  for (const Placed& p : placed) options.push_back({p.device, p.support.kernels});
  auto bound = bind_weights(graph, options, targets, sources);
  if (!bound) return fail(bound);
  Placement placement;
  placement.weights = std::move(bound->weights);
  for (std::size_t n = 0; n < placed.size(); ++n)
    placement.nodes.push_back(
        {placed[n].device, bound->kernels[n], explain(placed[n], bound->kernels[n])});
  return placement;
}

}  // namespace tenon
