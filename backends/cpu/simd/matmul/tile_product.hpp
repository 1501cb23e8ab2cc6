// Products of a ByteTile with rounded activations, added to sums: arithmetic "int8x16.f32". For
// each half block of 16 an exact integer sum s, then in f32, blocks of 32 in order,
//   minima: y += step * (s_0 * d_0 + s_1 * d_1); y += low * sum of d * q
//   others: y += step_h * (s_h * d_h) [+= low_h * sum of d_h * q_h], h = 0, 1.
#pragma once

#include "backends/cpu/simd/formats/byte_tile.hpp"
#include "backends/cpu/simd/matmul/projection.hpp"
#include "backends/cpu/simd/matmul/rounded.hpp"

namespace tenon::cpu::matmul {

template <TileKind>
struct DotOf {
  using type = int8::DotU5;
};
template <>
struct DotOf<TileKind::half_small> {
  using type = int8::DotS6;
};
template <>
struct DotOf<TileKind::half_signed> {
  using type = int8::DotS8;
};

// Where the sums of some columns come from (16 rows each; null: zero) and go to.
struct TileSums {
  const float* before;
  GroupOfRows after;
};

template <TileKind Kind, unsigned H, unsigned C>
class TileProduct {
 public:
  // Rows from vector `first` on: their sums so far, and after `blocks` more.
  static void run(const ByteTile& w, int64_t blocks, const RoundedBlock<C>* x, const TileSums& y,
                  unsigned first) {
    TileProduct product;
    for (unsigned h = 0; h < H; ++h)
      for (unsigned c = 0; c < C; ++c)
        product.sums_[h][c] =
            y.before == nullptr
                ? simd::set1(0)
                : simd::load(y.before + c * k_group + int64_t{first + h} * simd::k_width);
    for (int64_t b = 0; b < blocks; ++b) product.add_block(w, b, first, x[b]);
    for (unsigned h = 0; h < H; ++h)
      for (unsigned c = 0; c < C; ++c)
        store_rows(y.after, int64_t{first + h} * simd::k_width, c, product.sums_[h][c]);
  }

 private:
  using Dot = typename DotOf<Kind>::type;
  using Products = simd::VecF[H][C];

  void add_block(const ByteTile& w, int64_t b, unsigned first, const RoundedBlock<C>& x) {
    const auto* bytes = reinterpret_cast<const std::byte*>(w.bytes[b]);
    const int64_t row = int64_t{first} * simd::k_width;
    Products p;
    dot_half<0>(bytes + row * 4, x, p);
    if constexpr (Kind == TileKind::minima) {
      dot_half<1>(bytes + row * 4, x, p);
      add_scaled(w.step[b] + row, p);
      add_minima(w.low[b] + row, [&](unsigned c) { return x.sum[c]; });
    } else {
      add_scaled(w.step[2 * b] + row, p);
      dot_half<1>(bytes + row * 4, x, p);
      add_scaled(w.step[2 * b + 1] + row, p);
    }
    if constexpr (Kind == TileKind::half_minima)
      for (unsigned half = 0; half < 2; ++half)  // bias is -128 times the sum of the bytes
        add_minima(w.low[2 * b + half] + row, [&](unsigned c) {
          return x.scale[half][c] * (static_cast<float>(x.bias[half][c]) * -0x1p-7f);
        });
  }

  // Sums over half a block times the scales of x, added to those of the other half for minima.
  template <unsigned Half>
  static void dot_half(const std::byte* bytes, const RoundedBlock<C>& x, Products& products) {
#pragma GCC unroll 8
    for (unsigned h = 0; h < H; ++h) {
      Dot dots[C];
#pragma GCC unroll 8
      for (unsigned c = 0; c < C; ++c) dots[c] = Dot::start(x.bias[Half][c]);
#pragma GCC unroll 4
      for (int64_t i = 0; i < 4; ++i) {
        const std::byte* four = bytes + (4 * int64_t{Half} + i) * ByteTile::k_unit;
        const int8::Bytes w = Dot::prepare(int8::load(four + h * simd::k_width * 4));
#pragma GCC unroll 8
        for (unsigned c = 0; c < C; ++c) dots[c].add(w, x.q[c] + Half * k_half + 4 * i);
      }
#pragma GCC unroll 8
      for (unsigned c = 0; c < C; ++c) {
        const simd::VecF scale = simd::set1(x.scale[Half][c]);
        products[h][c] = Kind == TileKind::minima && Half == 1
                             ? simd::fma(dots[c].total(), scale, products[h][c])
                             : dots[c].total() * scale;
      }
    }
  }

  void add_scaled(const float* steps, const Products& products) {
#pragma GCC unroll 8
    for (unsigned h = 0; h < H; ++h) {
      const simd::VecF step = simd::load(steps + h * simd::k_width);
#pragma GCC unroll 8
      for (unsigned c = 0; c < C; ++c) sums_[h][c] = simd::fma(products[h][c], step, sums_[h][c]);
    }
  }

  template <class SumOfX>
  void add_minima(const float* lows, SumOfX sum) {
#pragma GCC unroll 8
    for (unsigned c = 0; c < C; ++c) {
      const simd::VecF of_x = simd::set1(sum(c));
#pragma GCC unroll 8
      for (unsigned h = 0; h < H; ++h)
        sums_[h][c] = simd::fma(simd::load(lows + h * simd::k_width), of_x, sums_[h][c]);
    }
  }

  simd::VecF sums_[H][C];
};

// All rows of the tile times a column group of x: `x` is a RoundedBlock<columns>.
using TileFunction = void (*)(const ByteTile& w, int64_t blocks, const void* x, const TileSums& y);

template <TileKind Kind, unsigned C>
void multiply_tile(const ByteTile& w, int64_t blocks, const void* x, const TileSums& y) {
  constexpr unsigned n = C == 1 ? int8::k_alone_tiles : 1;
  for (unsigned v = 0; v < k_group / simd::k_width; v += n)
    TileProduct<Kind, n, C>::run(w, blocks, static_cast<const RoundedBlock<C>*>(x), y, v);
}

// [kind][columns - 1], in tile_products.cpp.
using TileFunctions = std::array<std::array<TileFunction, int8::k_columns>, 4>;
extern const TileFunctions k_tile_functions;

}  // namespace tenon::cpu::matmul
