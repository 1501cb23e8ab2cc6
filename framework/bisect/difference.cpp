// The range of what is off, and the worst of it.
#include "framework/bisect/difference.hpp"

#include <algorithm>
#include <cmath>

namespace tenon {
namespace {

constexpr double k_strip = 10;  // a strip may be off by so much more than the whole

struct Box {
  std::uint64_t first_row = UINT64_MAX, last_row = 0, first_column = UINT64_MAX, last_column = 0;
  void include(std::uint64_t row, std::uint64_t column) {
    first_row = std::min(first_row, row), last_row = std::max(last_row, row);
    first_column = std::min(first_column, column), last_column = std::max(last_column, column);
  }
};

}  // namespace

bool holds(const KernelError& error, double limit) {
  return error.whole <= limit && error.worst_strip <= k_strip * limit;
}

ElementRange elements_beyond(std::span<const float> values, std::span<const float> reference,
                             std::size_t width, double limit) {
  double power = 0;
  for (const float x : reference) power += static_cast<double>(x) * static_cast<double>(x);
  const double gate = k_strip * k_strip * limit * power / static_cast<double>(reference.size());
  ElementRange range;
  Box beyond;
  double worst = -1;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    const double off = static_cast<double>(values[i]) - static_cast<double>(reference[i]);
    const double square = std::isnan(off) ? INFINITY : off * off;
    if (square > worst) {
      worst = square;
      range.worst_row = i / width, range.worst_column = i % width;
      range.value_a = reference[i], range.value_b = values[i];
    }
    if (square <= gate) continue;
    beyond.include(i / width, i % width);
    ++range.count;
  }
  if (range.count == 0) {
    beyond.include(0, 0);
    beyond.include(reference.size() / width - 1, width - 1);
  }
  range.first_row = beyond.first_row, range.last_row = beyond.last_row;
  range.first_column = beyond.first_column, range.last_column = beyond.last_column;
  return range;
}

}  // namespace tenon
