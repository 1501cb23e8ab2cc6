// c[line][j] += sum over k of a[line][k] * b[k][j]: register tiles for attention. Every element is
// one chain of fused multiply-adds in the order of k, whatever the tile: lines may be grouped, and
// k cut into ranges, without changing a bit.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "backends/cpu/simd/simd.hpp"

namespace tenon::cpu::attention {

using simd::VecF;

// Up to k_tile_rows lines that share the operand b.
struct TileLines {
  const float* a[simd::k_tile_rows];
  float* c[simd::k_tile_rows];
  int count = 0;
};

// Rows first … last-1 of b; `b` is row 0, ldb its row length in values.
template <class T>
struct TileOperand {
  const T* b;
  int64_t ldb, first, last;
};

// One register tile: `tail` is the number of columns in its last vector, 0 for all.
template <size_t Lines, size_t Vectors, bool Tail, class T>
void tile_product(const TileLines& lines, const TileOperand<T>& op, int64_t column, int64_t tail) {
  constexpr size_t w = simd::k_width;
  VecF sum[Lines][Vectors];
#pragma GCC unroll 8
  for (size_t r = 0; r < Lines; ++r)
#pragma GCC unroll 8
    for (size_t v = 0; v < Vectors; ++v) sum[r][v] = simd::load(lines.c[r] + column + v * w);
  const float* a[Lines];
  for (size_t r = 0; r < Lines; ++r) a[r] = lines.a[r];
  const T* b = op.b + op.first * op.ldb + column;
  for (int64_t k = op.first; k < op.last; ++k, b += op.ldb) {
    VecF row[Vectors];
#pragma GCC unroll 8
    for (size_t v = 0; v < Vectors; ++v)
      row[v] = Tail ? simd::load_n(b, tail) : simd::load(b + v * w);
#pragma GCC unroll 8
    for (size_t r = 0; r < Lines; ++r) {
      const VecF x = simd::set1(a[r][k]);
#pragma GCC unroll 8
      for (size_t v = 0; v < Vectors; ++v) sum[r][v] = simd::fma(x, row[v], sum[r][v]);
    }
  }
#pragma GCC unroll 8
  for (size_t r = 0; r < Lines; ++r)
#pragma GCC unroll 8
    for (size_t v = 0; v < Vectors; ++v) simd::store(lines.c[r] + column + v * w, sum[r][v]);
}

// The tiles for 1 … k_tile_rows lines.
template <class T>
using TileFunction = void (*)(const TileLines&, const TileOperand<T>&, int64_t, int64_t);
template <size_t Vectors, bool Tail, class T>
inline constexpr TileFunction<T> k_tiles[simd::k_tile_rows] = {
    tile_product<1, Vectors, Tail, T>, tile_product<2, Vectors, Tail, T>,
    tile_product<3, Vectors, Tail, T>, tile_product<4, Vectors, Tail, T>,
    tile_product<5, Vectors, Tail, T>, tile_product<6, Vectors, Tail, T>};

// Columns begin … end-1, `begin` a multiple of the vector width; c is padded to whole vectors.
template <class T>
void tile_products(const TileLines& lines, const TileOperand<T>& op, int64_t begin, int64_t end) {
  constexpr int64_t w = simd::k_width;
  constexpr size_t wide = simd::k_tile_vectors;
  constexpr int64_t step = w * simd::k_tile_vectors;
  const int index = lines.count - 1;
  int64_t j = begin;
  for (; j + step <= end; j += step) k_tiles<wide, false, T>[index](lines, op, j, 0);
  if (wide > 2 && j + 2 * w <= end) {
    k_tiles<2, false, T>[index](lines, op, j, 0);
    j += 2 * w;
  }
  for (; j + w <= end; j += w) k_tiles<1, false, T>[index](lines, op, j, 0);
  if (j < end) k_tiles<1, true, T>[index](lines, op, j, end - j);
}

}  // namespace tenon::cpu::attention
