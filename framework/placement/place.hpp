// Placement: which device runs each node, with which kernel, and why;
// which layout each weight gets.
#pragma once

#include "framework/placement/bind_weights.hpp"

namespace tenon {

struct Choice {
  std::uint32_t device = 0;                // index into the targets
  const tn_kernel_desc* kernel = nullptr;  // nullptr on devices without a slot
  std::string reason;
};

struct Placement {
  std::vector<Choice> nodes;  // parallel to graph.nodes
  WeightLayouts weights;
};

// targets[0] is the home device, the others take what it declines, in order. Composites that the
// home declines are decomposed when it can run a part of them; the nodes of `graph` change then.
// A node that nobody runs is ErrorCode::unavailable, with every refusal.
Result<Placement> place(Graph& graph, std::span<const Target> targets, const KernelSources& sources,
                        const HostTable& host, const Extents& bounds);

}  // namespace tenon
