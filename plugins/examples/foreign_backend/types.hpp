// The weight types this device reads: how a row is stored, and its values in f32.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace foreign {

struct Type {
  std::string_view name;
  int64_t block_values, block_bytes;
  void (*unpack)(const std::byte* block, float* values);

  int64_t row_bytes(int64_t values) const { return values / block_values * block_bytes; }
  void unpack_row(const std::byte* row, int64_t n, float* values) const {
    for (int64_t i = 0; i < n; i += block_values, row += block_bytes) unpack(row, values + i);
  }
};

// NULL: not a type of this device.
const Type* find_type(std::string_view name);

}  // namespace foreign
