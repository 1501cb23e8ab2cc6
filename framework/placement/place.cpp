// Placement of nodes: home first, composites whole where possible,
// the cache of a layer in one place.
#include "framework/placement/place.hpp"

#include <algorithm>

#include "framework/base/raised.hpp"
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
         const HostTable& host, const Extents& bounds, const std::uint32_t* cancel)
      : graph_(graph),
        targets_(targets),
        sources_(sources),
        queries_(graph, host, bounds),
        cancel_(cancel) {}

  Status run() {
    if (Status s = place_caches(); !s) return s;
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

  // The cache that a node uses, by the layer that declared it; TN_NONE for other nodes.
  std::uint32_t cache_of(const Node& node) const {
    for (const ValueId v : node.in)
      if (v != k_no_value && graph_.values[v].kind == ValueKind::state)
        return graph_.values[v].layer;
    return TN_NONE;
  }

  // The first device that runs every node of a cache gets the cache.
  Status place_caches() {
    std::map<std::uint32_t, std::vector<const Node*>> users;
    for (const Node& node : graph_.nodes)
      if (const std::uint32_t cache = cache_of(node); cache != TN_NONE)
        users[cache].push_back(&node);
    for (const auto& [cache, nodes] : users) {
      Cache& place = caches_[cache];
      for (; place.device < targets_.size(); ++place.device) {
        const std::string why = first_refusal(nodes, place.device);
        if (why.empty()) break;
        place.refusals += (place.refusals.empty() ? "" : "; ") + why;
      }
      if (place.device == targets_.size())
        return fail(ErrorCode::unavailable,
                    nodes.front()->name + ": no device keeps the cache (" + place.refusals + ")",
                    Setting::cache_type);
    }
    return {};
  }

  std::string first_refusal(const std::vector<const Node*>& nodes, std::uint32_t device) {
    for (const Node* node : nodes)
      if (const NodeSupport support = ask(*node, device); !support.supported)
        return refusal(*node, device, support);
    return "";
  }
  std::string refusal(const Node& node, std::uint32_t device, const NodeSupport& support) const {
    return targets_[device].device.info().backend + ": " + std::string(node.op->name) + ": " +
           support.refusal;
  }

  Status place_node(const Node& node, std::vector<Node>& nodes) {
    const std::uint32_t cache = cache_of(node);
    const Cache start = cache != TN_NONE ? caches_[cache] : Cache{};
    std::string refusals = start.refusals;
    if (raised(cancel_)) return fail(ErrorCode::cancelled, "placing was cancelled");
    std::vector<Node> parts;
    for (std::uint32_t d = start.device; d < targets_.size(); ++d) {
      NodeSupport support = ask(node, d);
      if (support.supported) {
        nodes.push_back(node);
        placed_.push_back({d, std::move(support), refusals});
        return {};
      }
      refusals += (refusals.empty() ? "" : "; ") + refusal(node, d, support);
      if (node.op->composite() && parts.empty()) parts = decompose(graph_, node);
      if (some_run_on(parts, d)) return place_parts(parts, nodes, refusals);
    }
    return fail(ErrorCode::unavailable, node.name + ": no device runs " +
                                            std::string(node.op->name) + " (" + refusals + ")");
  }

  bool some_run_on(const std::vector<Node>& parts, std::uint32_t device) {
    return std::any_of(parts.begin(), parts.end(),
                       [&](const Node& part) { return ask(part, device).supported; });
  }

  Status place_parts(const std::vector<Node>& parts, std::vector<Node>& nodes,
                     const std::string& refusals) {
    for (const Node& part : parts) {
      if (Status s = place_node(part, nodes); !s) return s;
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
  const std::uint32_t* cancel_;
  struct Cache {
    std::uint32_t device = 0;
    std::string refusals;  // of the devices before it
  };
  std::map<std::uint32_t, Cache> caches_;  // by layer
  std::vector<Placed> placed_;
};

std::string explain(const Placed& placed, const tn_kernel_desc* chosen) {
  std::string text = placed.reason.empty() ? "" : "fallback: " + placed.reason + "; ";
  if (chosen == nullptr) return text + "the device's own";
  const auto& kernels = placed.support.kernels;
  const auto at =
      std::find_if(kernels.begin(), kernels.end(), [&](const auto& k) { return k.desc == chosen; });
  text += at->pinned ? "pinned by a kernel rule" : "score " + std::to_string(chosen->score);
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
                        const HostTable& host, const Extents& bounds, const std::uint32_t* cancel) {
  Placer placer(graph, targets, sources, host, bounds, cancel);
  if (Status s = placer.run(); !s) return fail(s);
  std::vector<Placed> placed = placer.take();
  std::vector<NodeOptions> options;
  for (const Placed& p : placed)
    options.push_back({p.device, p.support.kernels, p.support.layouts});
  auto bound = bind_weights(graph, options, targets, sources, host);
  if (!bound) return fail(bound);
  Placement placement;
  placement.weights = std::move(bound->weights);
  for (std::size_t n = 0; n < placed.size(); ++n)
    placement.nodes.push_back(
        {placed[n].device, bound->kernels[n], explain(placed[n], bound->kernels[n])});
  return placement;
}

}  // namespace tenon
