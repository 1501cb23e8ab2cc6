// Register tiles of byte arithmetic "int8x16.f32": for each half block of 16 an exact integer sum
// s, then in f32, blocks of 32 in order,
//   y += d * (s_0 * d_x0 + s_1 * d_x1)  [+= m * sum of d_x * q_x].
// Weights are nibble pairs (two planes of 16 elements) or signed bytes.
#pragma once

#include "backends/cpu/simd/layouts/formats.hpp"
#include "backends/cpu/simd/layouts/interleaved.hpp"
#include "backends/cpu/simd/matmul/projection.hpp"
#include "backends/cpu/simd/matmul/rounded.hpp"

namespace tenon::cpu::matmul {

// Adds the products of half a block: calls add(bytes of the weight, first of four elements).
struct NibblePlanes {
  template <unsigned Half, class Add>
  static void each_four(const std::byte* quants, Add add) {
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      const int8::Bytes both = int8::load(quants + i * 4 * k_group);
      add(Half == 0 ? int8::low_nibbles(both) : int8::high_nibbles(both), 4 * i);
    }
  }
};
struct WholeBytes {
  template <unsigned Half, class Add>
  static void each_four(const std::byte* quants, Add add) {
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i)
      add(int8::load(quants + (4 * int64_t{Half} + i) * 4 * k_group), 4 * i);
  }
};

// Format: parts of a block; Planes: how its quants become bytes; Dot: their product.
template <class Format, class Planes, class Dot>
struct Int8Weights {
  using Input = RoundedRows;
  static constexpr const char* k_arithmetic = k_int8_arithmetic;
  using Layout = Interleaved<Format>;
  static constexpr int64_t k_rows = k_group, k_multiple = k_block;
  static constexpr unsigned k_vectors = 1, k_alone_vectors = int8::k_alone_tiles;
  static constexpr int64_t k_block_bytes = Layout::k_scale_bytes + Layout::k_quant_bytes;
  static constexpr bool k_has_minimum = Format::k_halves == 2;

  static int64_t group_bytes(int64_t k) { return Layout::group_bytes(k); }

  template <unsigned H, unsigned C>
  static void multiply(const std::byte* group, int64_t k, unsigned vector, const RoundedBlock<C>* x,
                       simd::VecF (&sums)[H][C]) {
    const int64_t blocks = k / k_block;
    const std::byte* scales = group + vector * simd::k_width * 2;
    const std::byte* quants = group + Layout::quants_at(blocks) + vector * simd::k_width * 4;
    for (auto& row : sums)
      for (auto& sum : row) sum = simd::set1(0);
    for (int64_t b = 0; b < blocks; ++b) {
      fetch_ahead(group + b * k_block_bytes);
      simd::VecF products[H][C];
      dot_half<0>(quants, *x, products);
      dot_half<1>(quants, *x, products);
      for (unsigned h = 0; h < H; ++h)
        scale_block(scales + h * simd::k_width * 2, *x, products[h], sums[h]);
      ++x;
      scales += Layout::k_scale_bytes;
      quants += Layout::k_quant_bytes;
    }
  }

 private:
  // Scales and quants are two streams with a jump at every group, which hardware follows badly:
  // measured 1.4 to 2.5 times the speed from memory at K = 576, nothing at K = 4096.
  // Beyond the end it does nothing.
  static void fetch_ahead(const std::byte* weights) {
    constexpr int64_t k_distance = 3072;
#pragma GCC unroll 16
    for (int64_t i = 0; i < k_block_bytes; i += 64)
      _mm_prefetch(reinterpret_cast<const char*>(weights + k_distance + i), _MM_HINT_T0);
  }

  template <unsigned Half, unsigned H, unsigned C>
  static void dot_half(const std::byte* quants, const RoundedBlock<C>& x,
                       simd::VecF (&products)[H][C]) {
#pragma GCC unroll 8
    for (unsigned h = 0; h < H; ++h) {
      Dot dots[C];
#pragma GCC unroll 8
      for (unsigned c = 0; c < C; ++c) dots[c] = Dot::start(x.bias[Half][c]);
      Planes::template each_four<Half>(quants + h * simd::k_width * 4,
                                       [&](int8::Bytes bytes, int element) {
                                         const int8::Bytes w = Dot::prepare(bytes);
#pragma GCC unroll 8
                                         for (unsigned c = 0; c < C; ++c)
                                           dots[c].add(w, x.q[c] + Half * k_half + element);
                                       });
#pragma GCC unroll 8
      for (unsigned c = 0; c < C; ++c) {
        const simd::VecF scale = simd::set1(x.scale[Half][c]);
        products[h][c] =
            Half == 0 ? dots[c].total() * scale : simd::fma(dots[c].total(), scale, products[h][c]);
      }
    }
  }

  template <unsigned C>
  static void scale_block(const std::byte* scales, const RoundedBlock<C>& x,
                          const simd::VecF (&products)[C], simd::VecF (&sums)[C]) {
    const auto* halves = reinterpret_cast<const simd::F16*>(scales);
    const simd::VecF d = simd::load(halves);
#pragma GCC unroll 8
    for (unsigned c = 0; c < C; ++c) sums[c] = simd::fma(products[c], d, sums[c]);
    if constexpr (k_has_minimum) {
      const simd::VecF m = simd::load(halves + k_group);
#pragma GCC unroll 8
      for (unsigned c = 0; c < C; ++c) sums[c] = simd::fma(m, simd::set1(x.sum[c]), sums[c]);
    }
  }
};

}  // namespace tenon::cpu::matmul
