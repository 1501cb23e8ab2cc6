// What one row of a value takes decides how many rows there may be.
#include "framework/placement/operand_limits.hpp"

#include <algorithm>

#include "framework/placement/abi_graph.hpp"

namespace tenon {
namespace {

std::string name_of(const Graph& graph, ValueId value) {
  for (const Node& node : graph.nodes)
    if (std::find(node.out.begin(), node.out.end(), value) != node.out.end())
      return "the result of " + node.name;
  return "the input " + graph.values[value].name;
}

}  // namespace

RowBounds bound_rows(const Graph& graph, std::uint64_t max_range, RowBounds wanted) {
  for (ValueId v = 0; v < graph.values.size(); ++v) {
    const Value& value = graph.values[v];
    if (!is_planned(graph, v) || !value.shape.symbolic()) continue;
    const std::uint64_t row = byte_size(value, make_extents(1, 1, 1, 1));
    if (row == 0 || row > max_range) continue;
    const std::uint64_t most = std::min<std::uint64_t>(max_range / row, INT64_MAX);
    std::int64_t* rows = value.shape.sym[0] == TN_SYM_ROWS       ? &wanted.rows
                         : value.shape.sym[0] == TN_SYM_OUT_ROWS ? &wanted.out_rows
                                                                 : nullptr;
    if (rows != nullptr) *rows = std::min(*rows, static_cast<std::int64_t>(most));
  }
  return wanted;
}

Status check_operands(const Graph& graph, std::span<const Target> targets, const MemoryPlan& plan,
                      const Extents& bounds) {
  for (std::size_t d = 0; d < targets.size(); ++d) {
    const DeviceLimits& limits = targets[d].device.limits();
    const std::uint64_t most = std::min(limits.max_range, limits.max_alloc);
    for (const auto& [value, _] : plan.devices[d].places)
      if (const std::uint64_t bytes = byte_size(graph.values[value], bounds); bytes > most)
        return fail(ErrorCode::unavailable,
                    targets[d].device.info().label() + ": " + name_of(graph, value) + " takes " +
                        std::to_string(bytes) + " bytes, an operand of this device at most " +
                        std::to_string(most));
  }
  return {};
}

}  // namespace tenon
