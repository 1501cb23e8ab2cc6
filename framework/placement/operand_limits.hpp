// Operand limits: a device binds operands up to a size, so the rows of a step are bounded by it.
#pragma once

#include "framework/placement/memory_plan.hpp"

namespace tenon {

// The most rows, and rows of logits, of one step.
struct RowBounds {
  std::int64_t rows, out_rows;
};

// `wanted`, or less where a value with so many rows would be larger than `max_range` bytes; at least
// 1. A value of which one row is larger does not count: no number of rows helps.
RowBounds bound_rows(const Graph& graph, std::uint64_t max_range, RowBounds wanted);

// Whether each target can bind what was planned for it. Errors: ErrorCode::unavailable with the
// value and the bytes.
Status check_operands(const Graph& graph, std::span<const Target> targets, const MemoryPlan& plan,
                      const Extents& bounds);

}  // namespace tenon
