// Index tensors of one sequence.
#include "framework/bisect/steps.hpp"

#include <tenon/abi/state.h>

#include <algorithm>

namespace tenon {
namespace {

std::int32_t page_at(std::int64_t index, std::int64_t pages) {
  return static_cast<std::int32_t>(pages - 1 - index);
}

ModelStep make_step(std::span<const Token> tokens, std::int64_t first, std::int64_t rows,
                    const StepRules& rules) {
  ModelStep step;
  step.extents = make_extents(rows, 1, 1, first + rows);
  std::vector<std::int32_t> positions, slots, table;
  for (std::int64_t p = first; p < first + rows; ++p) {
    positions.push_back(static_cast<std::int32_t>(p));
    slots.push_back(page_at(p / TN_PAGE_POSITIONS, rules.table) * TN_PAGE_POSITIONS +
                    static_cast<std::int32_t>(p % TN_PAGE_POSITIONS));
  }
  for (std::int64_t page = 0; page < rules.table; ++page)
    table.push_back(page_at(page, rules.table));
  const auto n = static_cast<std::size_t>(rows);
  const auto part = tokens.subspan(static_cast<std::size_t>(first), n);
  step.inputs["tokens"].assign(part.begin(), part.end());
  step.inputs["positions"] = std::move(positions);
  step.inputs["seq_ids"].assign(n, 0);
  step.inputs["is_long"].assign(n, rules.is_long ? 1 : 0);
  step.inputs["out_ids"] = {static_cast<std::int32_t>(rows - 1)};
  for (std::size_t g = 0; g < rules.groups; ++g) {
    const std::string suffix = g == 0 ? "" : "." + std::to_string(g);
    step.inputs["slots" + suffix] = slots;
    step.inputs["block_table" + suffix] = table;
  }
  return step;
}

}  // namespace

std::vector<ModelStep> make_steps(std::span<const Token> tokens, const StepRules& rules) {
  std::vector<ModelStep> steps;
  const auto n = static_cast<std::int64_t>(tokens.size());
  const std::int64_t chunked = std::max<std::int64_t>(n - rules.single, 0);
  for (std::int64_t at = 0; at < n;) {
    const std::int64_t rows = at < chunked ? std::min(rules.batch, chunked - at) : 1;
    steps.push_back(make_step(tokens, at, rows, rules));
    at += rows;
  }
  return steps;
}

}  // namespace tenon
