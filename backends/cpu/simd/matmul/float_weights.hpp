// Register tiles of arithmetic "f32": y = fma(w, x, y) for k = 0, 1, …, weights widened to f32.
#pragma once

#include "backends/cpu/simd/layouts/columnwise.hpp"
#include "backends/cpu/simd/matmul/projection.hpp"

namespace tenon::cpu::matmul {

// x as it is.
class PlainRows {
 public:
#if defined(__AVX512F__)
  static constexpr unsigned k_columns = 8;  // by 2 vectors: 16 sums in 32 registers
#else
  static constexpr unsigned k_columns = 4;  // by 2 vectors: 8 sums in 16 registers
#endif
  static constexpr unsigned k_prepare_phases = 0;

  PlainRows(const RowsView& x, void*) : x_(x), groups_(x.n, k_columns) {}

  const ColumnGroups& groups() const { return groups_; }
  template <unsigned C>
  RowsView columns(int64_t group) const {
    return {x_.data + groups_.begin(group) * x_.stride, C, x_.k, x_.stride};
  }

 private:
  RowsView x_;
  ColumnGroups groups_;
};

template <class Element>
struct FloatWeights {
  using Input = PlainRows;
  static constexpr const char* k_arithmetic = k_f32_arithmetic;
  using Layout = Columnwise<Element>;
  static constexpr int64_t k_rows = Layout::k_rows, k_multiple = 1;
  static constexpr unsigned k_vectors = 2;  // of rows in flight
  static constexpr unsigned k_alone_vectors = k_rows / simd::k_width;

  static int64_t group_bytes(int64_t k) { return Layout::group_bytes(k); }

  template <unsigned H, unsigned C>
  static void multiply(const std::byte* group, int64_t k, unsigned vector, const RowsView& rows,
                       simd::VecF (&sums)[H][C]) {
    const auto* w = reinterpret_cast<const Element*>(group) + vector * simd::k_width;
    const float* x[C];
#pragma GCC unroll 8
    for (unsigned c = 0; c < C; ++c) x[c] = rows.row(c);
    for (auto& row : sums)
      for (auto& sum : row) sum = simd::set1(0);
    for (int64_t i = 0; i < k; ++i, w += k_rows) add_column(w, x, i, sums);
  }

 private:
  template <unsigned H, unsigned C>
  static void add_column(const Element* w, const float* const (&x)[C], int64_t i,
                         simd::VecF (&sums)[H][C]) {
    simd::VecF column[H];
#pragma GCC unroll 8
    for (unsigned h = 0; h < H; ++h) column[h] = simd::load(w + h * simd::k_width);
#pragma GCC unroll 8
    for (unsigned c = 0; c < C; ++c) {
      const simd::VecF value = simd::set1(x[c][i]);
#pragma GCC unroll 8
      for (unsigned h = 0; h < H; ++h) sums[h][c] = simd::fma(column[h], value, sums[h][c]);
    }
  }
};

}  // namespace tenon::cpu::matmul
