// Rows of x become columns of a register tile. They are dealt as evenly as possible: 9 are 5 and 4.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tenon::cpu::matmul {

struct ColumnGroups {
  int64_t columns, groups;

  ColumnGroups(int64_t n, int64_t most) : columns(n), groups((n + most - 1) / most) {}
  int64_t begin(int64_t group) const { return group * columns / groups; }
  int64_t size(int64_t group) const { return begin(group + 1) - begin(group); }
  int64_t group_of(int64_t column) const {
    return ((column + 1) * groups + columns - 1) / columns - 1;
  }
};

// The operand x (T, K) of a projection: rows may be further apart than K.
struct RowsView {
  const std::byte* data;
  int64_t n, k, stride;  // stride in bytes

  const float* row(int64_t t) const { return reinterpret_cast<const float*>(data + t * stride); }
};

}  // namespace tenon::cpu::matmul
