// ByteTile: up to 256 values of 16 rows as bytes, with their f32 scales: what a striped chunk of
// any format becomes just before it is multiplied. Small enough for the first-level cache.
//   value = step * byte [+ low]; bytes are unsigned, or signed, as the format says.
// The loops below run over all rows at once: compilers turn them into vectors of any width.
#pragma once

#include <cstddef>
#include <cstdint>

#include "backends/cpu/fast/layouts/striped.hpp"
#include "backends/cpu/fast/matmul/int8_vec.hpp"

namespace tenon::cpu {

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

// A row of lanes: one number of each of the 16 rows.
using Lanes = float[k_group];

inline void load_halves(const uint8_t* from, Lanes& to) {
  for (int64_t i = 0; i < k_group; i += simd::k_width)
    simd::store(to + i, simd::load(reinterpret_cast<const simd::F16*>(from) + i));
}
inline void scale_lanes(const Lanes& d, const uint8_t (&factor)[k_group], Lanes& to) {
  for (int64_t i = 0; i < k_group; ++i) to[i] = d[i] * static_cast<float>(factor[i]);
}
inline void scale_lanes(const Lanes& d, float factor, Lanes& to) {
  for (int64_t i = 0; i < k_group; ++i) to[i] = d[i] * factor;
}
inline void negate(Lanes& lanes) {
  for (float& lane : lanes) lane = -lane;
}

// Low nibbles to one place, high nibbles to another.
template <int64_t N>
void split_nibbles(const uint8_t* __restrict from, uint8_t* __restrict low,
                   uint8_t* __restrict high) {
  for (int64_t i = 0; i < N; ++i) low[i] = from[i] & 15;
  for (int64_t i = 0; i < N; ++i) high[i] = static_cast<uint8_t>(from[i] >> 4);
}
// The bit `mask` of each byte becomes `value` in `to`.
template <int64_t N>
void or_bit(const uint8_t* __restrict from, uint8_t mask, uint8_t value, uint8_t* __restrict to) {
  for (int64_t i = 0; i < N; ++i)
    to[i] = static_cast<uint8_t>(to[i] | ((from[i] & mask) != 0 ? value : 0));
}
template <int64_t N>
void subtract(uint8_t* bytes, uint8_t offset) {
  for (int64_t i = 0; i < N; ++i) bytes[i] = static_cast<uint8_t>(bytes[i] - offset);
}
// Blocks of 16 bytes of nibbles: low nibbles are the values 0 … 15, high nibbles 16 … 31.
inline void expand_nibbles(const uint8_t* quants, int64_t blocks, ByteTile& to) {
  constexpr int64_t half = ByteTile::k_block_bytes / 2;
  for (int64_t b = 0; b < blocks; ++b)
    split_nibbles<half>(quants + b * half, to.bytes[b], to.bytes[b] + half);
}
// Nibbles that choose a signed byte from a table.
inline void look_up(const int8_t (&table)[16], int64_t blocks, ByteTile& to) {
  for (int64_t b = 0; b < blocks; ++b) int8::look_up<ByteTile::k_block_bytes>(table, to.bytes[b]);
}

}  // namespace tenon::cpu
