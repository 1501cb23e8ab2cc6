// Placement: which device runs each node, with which kernel, and why;
// which layout each weight gets.
#pragma once

#include "framework/placement/bind_weights.hpp"

namespace tenon {

struct Choice {
  std::uint32_t device = 0;                // index into the targets
  const tn_kernel_desc* kernel = nullptr;  // nullptr: the device's own
  std::string reason;
  std::uint32_t number = 0;          // of the node before composites were decomposed
  const char* arithmetic = nullptr;  // of the kernel, or of the device's own
};

struct Placement {
  std::vector<Choice> nodes;  // parallel to graph.nodes
  WeightLayouts weights;
};

// `wanted`: the target that each node of `graph` is to run on; empty: targets[0], the home device.
// What a device declines goes to those that the host can address, in the order of the targets, then
// to the others. Composites that a device declines are decomposed when it can run a part of them;
// the nodes of `graph` change then. The states of a layer are in one place, that of the first node
// that uses them. A node that nobody runs is ErrorCode::unavailable, with every refusal. `cancel` is
// looked at for every node: ErrorCode::cancelled.
Result<Placement> place(Graph& graph, std::span<const Target> targets, const KernelSources& sources,
                        const HostTable& host, const Extents& bounds,
                        std::span<const std::uint32_t> wanted = {},
                        const std::uint32_t* cancel = nullptr);

}  // namespace tenon
