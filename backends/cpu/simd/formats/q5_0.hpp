// Q5_0: d f16, 32 fifth bits, 32 nibbles: d * (q - 16).
#pragma once

#include "backends/cpu/formats/q5_0.hpp"
#include "backends/cpu/simd/formats/byte_tile.hpp"

namespace tenon::cpu::matmul {

// Nibbles with their fifth bits. Field::bits: byte j, bit k belongs to value 4k + j.
inline void expand_five_bits(const uint8_t* quants, const uint8_t* bits, int64_t blocks,
                             ByteTile& to) {
  constexpr int64_t unit = ByteTile::k_unit;
  const int8::Bytes sixteen = int8::repeat(16);
  for (int64_t b = 0; b < blocks; ++b, bits += unit)
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k, quants += unit)
      for (int64_t i = 0; i < unit; i += int8::k_bytes) {
        const int8::Bytes both = int8::load(quants + i), fifth = int8::load(bits + i);
        int8::store(to.bytes[b] + k * unit + i,
                    int8::low_nibbles(both) | int8::if_bit(fifth, int8::repeat(1 << k), sixteen));
        int8::store(to.bytes[b] + (k + 4) * unit + i,
                    int8::high_nibbles(both) | int8::if_bit(fifth, int8::repeat(16 << k), sixteen));
      }
}

struct StripedQ5_0 {
  using Plain = formats::Q5_0;
  static constexpr FieldOfBlock k_fields[] = {
      {Field::half, 0, 2}, {Field::bits, 2, 4}, {Field::quads, 6, 16}};
  static constexpr TileKind k_kind = TileKind::minima;
  static void expand(const uint8_t* chunk, int64_t blocks, ByteTile& to) {
    for (int64_t b = 0; b < blocks; ++b) {
      load_halves(chunk + b * 2 * k_group, to.step[b]);
      scale_lanes(to.step[b], -16, to.low[b]);
    }
    expand_five_bits(chunk + blocks * 6 * k_group, chunk + blocks * 2 * k_group, blocks, to);
  }
};

}  // namespace tenon::cpu::matmul
