// Q2_K: 16 pairs of 4-bit scale and minimum, 256 bit pairs, d, dmin f16:
// d * scale * q - dmin * minimum.
#pragma once

#include "backends/cpu/formats/q2_k.hpp"
#include "backends/cpu/simd/formats/byte_tile.hpp"

namespace tenon::cpu::matmul {

// Eight blocks; the bit pairs of four share 32 bytes.
inline void expand_pairs(const uint8_t* quants, ByteTile& to) {
  const int8::Bytes three = int8::repeat(3);
  for (int64_t half = 0; half < 2; ++half, quants += ByteTile::k_block_bytes)
    for (int64_t i = 0; i < ByteTile::k_block_bytes; i += int8::k_bytes) {
      const int8::Bytes four = int8::load(quants + i);
#pragma GCC unroll 4
      for (int run = 0; run < 4; ++run)
        int8::store(to.bytes[4 * half + run] + i, int8::shift_right(four, 2 * run) & three);
    }
}

struct StripedQ2K {
  using Plain = formats::Q2K;
  static constexpr FieldOfBlock k_fields[] = {
      {Field::byte, 0, 16}, {Field::quads, 16, 64}, {Field::half, 80, 4}};
  static constexpr TileKind k_kind = TileKind::half_minima;
  static void expand(const uint8_t* chunk, int64_t, ByteTile& to) {
    Lanes d, dmin;
    load_halves(chunk + 80 * k_group, d);
    load_halves(chunk + 82 * k_group, dmin);
    scale_lanes(dmin, -1.0f, dmin);
    for (int64_t half = 0; half < 2 * ByteTile::k_blocks; ++half) {
      const ByteLanes both = load_lanes(chunk + half * k_group);
      scale_lanes<uint8_t>(d, low_bits(both, 15), to.step[half]);
      scale_lanes<uint8_t>(dmin, bits_at(both, 4, 15), to.low[half]);
    }
    expand_pairs(chunk + 16 * k_group, to);
  }
};

}  // namespace tenon::cpu::matmul
