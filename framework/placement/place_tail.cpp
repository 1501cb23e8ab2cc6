// What another device would have to run is not worth its copies of all logits.
#include "framework/placement/place_tail.hpp"

#include <algorithm>

#include "framework/graph/tail.hpp"

namespace tenon {
namespace {

void drop(Graph& graph, Placement& placement, std::size_t node) {
  drop_tail_node(graph, node);
  placement.nodes.erase(placement.nodes.begin() + static_cast<std::ptrdiff_t>(node));
}

}  // namespace

std::size_t maker_of_logits(const Graph& graph) {
  const ValueId logits = graph.root_of(graph.outputs.at("logits"));
  const auto maker = std::ranges::find_if(
      graph.nodes, [&](const Node& n) { return std::ranges::count(n.out, logits) > 0; });
  return static_cast<std::size_t>(maker - graph.nodes.begin());
}

Result<Placement> place_with_tail(Graph& graph, std::span<const Target> targets,
                                  const KernelSources& sources, const HostTable& host,
                                  const Extents& bounds, std::vector<std::uint32_t> wanted,
                                  const std::uint32_t* cancel) {
  const std::uint32_t at = wanted[maker_of_logits(graph)];
  const Graph body = graph;
  add_tail(graph);
  wanted.resize(graph.nodes.size(), at);
  auto placement = place(graph, targets, sources, host, bounds, wanted, cancel);
  if (!placement) {  // perhaps nobody runs the tail
    graph = body;
    wanted.resize(graph.nodes.size());
    return place(graph, targets, sources, host, bounds, wanted, cancel);
  }
  const Choice& maker = placement->nodes[maker_of_logits(graph)];
  const std::uint32_t device = maker.device, number = maker.number;
  for (std::size_t n = graph.nodes.size(); n-- > tail_of(graph);) {
    placement->nodes[n].number = number;  // it goes along, wherever rules send that node
    if (placement->nodes[n].device != device) drop(graph, *placement, n);
  }
  return placement;
}

}  // namespace tenon
