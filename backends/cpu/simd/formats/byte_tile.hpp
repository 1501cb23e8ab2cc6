// ByteTile: up to 256 values of 16 rows as bytes, with their f32 scales: what a striped chunk of
// any format becomes just before it is multiplied. Small enough for the first-level cache.
//   value = step * byte [+ low]; bytes are unsigned, or signed, as the format says.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include "backends/cpu/simd/layouts/striped.hpp"
#include "backends/cpu/simd/matmul/int8_vec.hpp"

namespace tenon::cpu::matmul {

struct ByteTile {
  static constexpr int64_t k_blocks = k_chunk / k_block;
  static constexpr int64_t k_unit = 4 * k_group;  // bytes of four values of all rows
  static constexpr int64_t k_block_bytes = k_block * k_group;

  alignas(64) uint8_t bytes[k_blocks][k_block_bytes];  // [block][value/4][row][4]
  alignas(64) float step[2 * k_blocks][k_group];       // per block, or per half block of 16
  alignas(64) float low[2 * k_blocks][k_group];
};

// How the bytes of a format are multiplied.
enum class TileKind : uint8_t {
  minima,       // step and low per 32 values; bytes 0 … 31
  half_minima,  // step and low per 16 values; bytes 0 … 31
  half_small,   // step per 16 values; signed bytes -32 … 32
  half_signed,  // step per 16 values; signed bytes -127 … 127
};

// A format whose weights are expanded to byte tiles on the way.
template <class F>
concept ExpandsToBytes = requires(const uint8_t* chunk, int64_t blocks, ByteTile& to) {
  typename F::Plain;  // its blocks as files have them: dtype, values, bytes, block()
  F::k_fields;        // which bytes of a block are scales, quants, single bits
  { F::k_kind } -> std::convertible_to<TileKind>;  // how its bytes are multiplied
  F::expand(chunk, blocks, to);                    // up to 256 values of 16 rows
};

// One number, or one byte, of each of the 16 rows.
using Lanes = float[k_group];
using ByteLanes = __m128i;

inline ByteLanes load_lanes(const uint8_t* from) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}
inline ByteLanes low_bits(ByteLanes b, int mask) {
  return _mm_and_si128(b, _mm_set1_epi8(static_cast<char>(mask)));
}
// (b >> n) & mask, then moved up by `up`.
inline ByteLanes bits_at(ByteLanes b, int n, int mask, int up = 0) {
  const __m128i down = _mm_srl_epi16(b, _mm_cvtsi32_si128(n));
  return _mm_sll_epi16(low_bits(down, mask), _mm_cvtsi32_si128(up));
}

inline void load_halves(const uint8_t* from, Lanes& to) {
  for (int64_t i = 0; i < k_group; i += simd::k_width)
    simd::store(to + i, simd::load(reinterpret_cast<const simd::F16*>(from) + i));
}
// to = d * factor; factors are unsigned or signed bytes.
template <class Byte>
inline void scale_lanes(const Lanes& d, ByteLanes factors, Lanes& to) {
  alignas(16) Byte factor[k_group];
  _mm_store_si128(reinterpret_cast<__m128i*>(factor), factors);
  for (int64_t i = 0; i < k_group; i += simd::k_width)
    simd::store(to + i, simd::load(d + i) * simd::load(factor + i));
}
inline void scale_lanes(const Lanes& d, float factor, Lanes& to) {
  for (int64_t i = 0; i < k_group; i += simd::k_width)
    simd::store(to + i, simd::load(d + i) * simd::set1(factor));
}

// to[i] = f(from[i], …) for N bytes, a vector at a time.
template <int64_t N, class F, class... From>
inline void map_bytes(uint8_t* to, F f, const From*... from) {
#pragma GCC unroll 4
  for (int64_t i = 0; i < N; i += int8::k_bytes) int8::store(to + i, f(int8::load(from + i)...));
}

// Low nibbles to one place, high nibbles to another.
template <int64_t N>
inline void split_nibbles(const uint8_t* from, uint8_t* low, uint8_t* high) {
#pragma GCC unroll 4
  for (int64_t i = 0; i < N; i += int8::k_bytes) {
    const int8::Bytes both = int8::load(from + i);
    int8::store(low + i, int8::low_nibbles(both));
    int8::store(high + i, int8::high_nibbles(both));
  }
}
// Blocks of 16 bytes of nibbles: low nibbles are the values 0 … 15, high nibbles 16 … 31.
inline void expand_nibbles(const uint8_t* quants, int64_t blocks, ByteTile& to) {
  constexpr int64_t half = ByteTile::k_block_bytes / 2;
  for (int64_t b = 0; b < blocks; ++b)
    split_nibbles<half>(quants + b * half, to.bytes[b], to.bytes[b] + half);
}
// Nibbles that choose a signed byte from a table.
inline void look_up(const int8_t (&table)[16], int64_t blocks, ByteTile& to) {
  const int8::Bytes values = int8::table_of(table);
  for (int64_t b = 0; b < blocks; ++b)
    map_bytes<ByteTile::k_block_bytes>(
        to.bytes[b], [&](int8::Bytes q) { return int8::look_up(values, q); }, to.bytes[b]);
}

}  // namespace tenon::cpu::matmul
