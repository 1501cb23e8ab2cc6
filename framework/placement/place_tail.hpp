// The tail of a graph: added, and placed where the logits are.
#pragma once

#include "framework/placement/place.hpp"

namespace tenon {

// As place(), of the graph with a tail (graph/tail.hpp) whose nodes run on the device that makes the
// logits. Those that it does not run are left out: then the host does the same with all logits.
Result<Placement> place_with_tail(Graph& graph, std::span<const Target> targets,
                                  const KernelSources& sources, const HostTable& host,
                                  const Extents& bounds, std::vector<std::uint32_t> wanted,
                                  const std::uint32_t* cancel);

// The node that makes output "logits".
std::size_t maker_of_logits(const Graph& graph);

}  // namespace tenon
