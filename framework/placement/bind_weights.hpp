// Binding: one kernel per node and one layout per weight, over all consumers of the weight at once.
#pragma once

#include <map>

#include "framework/placement/candidates.hpp"

namespace tenon {

// Where a node runs and what could run it there, best first; the layouts that the device's own op
// takes.
struct NodeOptions {
  std::uint32_t device;
  std::vector<RankedKernel> kernels;
  std::vector<std::string> layouts = {};
};

// One weight on one device.
struct WeightPlace {
  std::uint32_t device;
  ValueId weight;  // a root
  bool operator<(const WeightPlace& o) const {
    return device != o.device ? device < o.device : weight < o.weight;
  }
};

// How a weight is stored: plain; packed as a kernel pack says; or the device's own way.
struct WeightLayout {
  std::string id = TN_LAYOUT_PLAIN;
  const tn_layout_desc* packer = nullptr;  // of a kernel pack
  bool plain() const { return id == TN_LAYOUT_PLAIN; }
};
using WeightLayouts = std::map<WeightPlace, WeightLayout>;

struct Binding {
  std::vector<const tn_kernel_desc*> kernels;  // per node; nullptr: the device's own
  WeightLayouts weights;
};

// Weights that meet in one node are bound together: one arithmetic for all of them (a weight is
// never computed with two), and layouts that every consumer accepts;
// the highest sum of scores wins. Where only the device's own ops compete, a weight gets the first
// layout of their list that every consumer takes. A layout whose packed_size declines a weight is not for that weight.
Result<Binding> bind_weights(const Graph& graph, const std::vector<NodeOptions>& options,
                             std::span<const Target> targets, const KernelSources& sources,
                             const HostTable& host);

}  // namespace tenon
