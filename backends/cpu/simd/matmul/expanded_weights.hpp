// ExpandedWeights<Format>: weights in the striped layout, 256 values of 16 rows at a time turned
// into a ByteTile that is multiplied with all columns while it is in cache. One product for all
// formats; a format is only its fields and its expansion.
#pragma once

#include "backends/cpu/simd/layouts/striped.hpp"
#include "backends/cpu/simd/matmul/tile_product.hpp"

namespace tenon::cpu::matmul {

template <ExpandsToBytes Format>
struct ExpandedWeights {
  using Input = RoundedRows;
  using Layout = Striped<Format>;
  static constexpr const char* k_arithmetic = k_int8_arithmetic;
  static constexpr int64_t k_rows = k_group, k_multiple = Layout::k_values;

  static int64_t group_bytes(int64_t k) { return Layout::group_bytes(k); }

  // y of all columns. Between two chunks the sums of a column wait in `sums`, 16 rows each.
  static void multiply_all(const GroupOfRows& y, int64_t k, const Input& input, float* sums) {
    ByteTile tile;
    const std::byte* chunk = y.weights;
    for (int64_t i = 0; i < k; i += k_chunk) {
      const int64_t values = std::min(k_chunk, k - i), blocks = values / k_block;
      const int64_t bytes = values / Layout::k_values * Layout::k_bytes * k_group;
      fetch_ahead(chunk + bytes, bytes);
      Format::expand(reinterpret_cast<const uint8_t*>(chunk), blocks, tile);
      chunk += bytes;
      for (int64_t g = 0; g < input.groups().groups; ++g) {
        const int64_t first = input.groups().begin(g), size = input.groups().size(g);
        float* here = sums + first * k_group;
        const GroupOfRows waiting{nullptr, here, k_group, k_group};
        const GroupOfRows done{nullptr, y.y + first * y.y_stride, y.y_stride, y.rows};
        k_tile_functions[static_cast<std::size_t>(Format::k_kind)][static_cast<std::size_t>(
            size - 1)](tile, blocks, input.blocks(g, i / k_block),
                       {i == 0 ? nullptr : here, i + values == k ? done : waiting});
      }
    }
  }

 private:
  // The next chunk, of this group or the next: expanding one takes as long as fetching another.
  // Beyond the end it does nothing.
  static void fetch_ahead(const std::byte* from, int64_t bytes) {
    for (int64_t i = 0; i < bytes; i += 64)
      _mm_prefetch(reinterpret_cast<const char*>(from + i), _MM_HINT_T0);
  }
};

}  // namespace tenon::cpu::matmul
