// Activations rounded to bytes, 16 values per f32 scale: d = max|x|/127, q = round(x/d). The
// columns of one register tile lie together, block of 32 by block, as the tile reads them.
//   Per 16 and not per 32, because an outlier then spoils half as many neighbours: the logits of
//   SmolLM2 come out twice as near to exact (docs/adr/0009).
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>

#include "backends/cpu/simd/layouts/row_groups.hpp"
#include "backends/cpu/simd/matmul/columns.hpp"
#include "backends/cpu/simd/matmul/int8_vec.hpp"

namespace tenon::cpu::matmul {

inline constexpr int64_t k_half = k_block / 2;  // values that share a scale

template <unsigned C>
struct RoundedBlock {
  int8_t q[C][k_block];
  float scale[2][C];   // of elements 0 … 15 and 16 … 31
  int32_t bias[2][C];  // -128 * sum of q
  float sum[C];        // of scale * q, over both halves
};

class RoundedRows {
 public:
  static constexpr unsigned k_columns = int8::k_columns;
  static constexpr unsigned k_prepare_phases = 1;
  static constexpr int64_t k_bytes_per_block = sizeof(RoundedBlock<1>);
  static_assert(sizeof(RoundedBlock<7>) == 7 * sizeof(RoundedBlock<1>));

  static int64_t bytes(int64_t columns, int64_t k) {
    return columns * (k / k_block) * k_bytes_per_block;
  }

  RoundedRows(const RowsView& x, void* scratch)
      : x_(x), groups_(x.n, k_columns), base_(static_cast<std::byte*>(scratch)) {}

  const ColumnGroups& groups() const { return groups_; }
  template <unsigned C>
  const RoundedBlock<C>* columns(int64_t group) const {
    return reinterpret_cast<const RoundedBlock<C>*>(base_ + bytes(groups_.begin(group), x_.k));
  }

  // The same for any number of columns, from `block` on.
  const void* blocks(int64_t group, int64_t block) const {
    return base_ + bytes(groups_.begin(group), x_.k) +
           groups_.size(group) * block * k_bytes_per_block;
  }

  void prepare(int64_t first, int64_t last) {
    for (int64_t t = first; t < last; ++t) round_row(t);
  }

 private:
  void round_row(int64_t t) {
    const int64_t group = groups_.group_of(t), n = groups_.size(group);
    const int64_t c = t - groups_.begin(group);
    std::byte* block = base_ + bytes(groups_.begin(group), x_.k);
    for (int64_t i = 0; i < x_.k; i += k_block, block += n * k_bytes_per_block)
      round_block(x_.row(t) + i, block, n, c);
  }

  // A block of n columns has the members of RoundedBlock<n>.
  static void round_block(const float* x, std::byte* block, int64_t n, int64_t c) {
    float sum = 0;
    for (int64_t h = 0; h < 2; ++h) {
      const auto values = int8::Activations::load(x + h * k_half);
      const float largest = std::bit_cast<float>(values.largest_bits());
      const float inverse = 127.0f / largest;  // of no use for zeros and the tiniest
      const float scale = largest / 127.0f;
      const int32_t total =
          values.round(std::isfinite(inverse) ? inverse : 0.0f,
                       reinterpret_cast<int8_t*>(block) + c * k_block + h * k_half);
      // Unsigned, as the total of what is not finite is anything; the scale tells of it.
      const auto bias = static_cast<int32_t>(-128u * static_cast<uint32_t>(total));
      std::byte* numbers = block + n * k_block + (h * n + c) * 4;
      std::memcpy(numbers, &scale, 4);
      std::memcpy(numbers + n * 8, &bias, 4);
      sum += scale * static_cast<float>(total);
    }
    std::memcpy(block + n * (k_block + 16) + c * 4, &sum, 4);
  }

  RowsView x_;
  ColumnGroups groups_;
  std::byte* base_;
};

}  // namespace tenon::cpu::matmul
