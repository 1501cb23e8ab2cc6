// Q2_K: 16 pairs of 4-bit scale and minimum, 256 bit pairs, d, dmin f16: d * scale * q - dmin *
// minimum.
#pragma once

#include "backends/cpu/fast/formats/byte_tile.hpp"
#include "backends/cpu/reference/dequant/q2_k.hpp"

namespace tenon::cpu {

template <int Shift>
void expand_pairs(const uint8_t* __restrict from, uint8_t* __restrict to) {
  for (int64_t i = 0; i < ByteTile::k_block_bytes; ++i)
    to[i] = static_cast<uint8_t>(from[i] >> Shift & 3);
}
// Eight blocks; the bit pairs of four share 32 bytes.
inline void expand_pairs(const uint8_t* quants, ByteTile& to) {
  for (int64_t half = 0; half < 2; ++half, quants += ByteTile::k_block_bytes) {
    expand_pairs<0>(quants, to.bytes[4 * half]);
    expand_pairs<2>(quants, to.bytes[4 * half + 1]);
    expand_pairs<4>(quants, to.bytes[4 * half + 2]);
    expand_pairs<6>(quants, to.bytes[4 * half + 3]);
  }
}

struct StripedQ2K {
  using Reference = reference::dequant::Q2K;
  static constexpr FieldOfBlock k_fields[] = {
      {Field::byte, 0, 16}, {Field::quads, 16, 64}, {Field::half, 80, 4}};
  static constexpr TileKind k_kind = TileKind::half_minima;
  static void expand(const uint8_t* chunk, int64_t, ByteTile& to) {
    Lanes d, dmin;
    load_halves(chunk + 80 * k_group, d);
    load_halves(chunk + 82 * k_group, dmin);
    negate(dmin);
    for (int64_t half = 0; half < 2 * ByteTile::k_blocks; ++half) {
      uint8_t scale[k_group], minimum[k_group];
      split_nibbles<k_group>(chunk + half * k_group, scale, minimum);
      scale_lanes(d, scale, to.step[half]);
      scale_lanes(dmin, minimum, to.low[half]);
    }
    expand_pairs(chunk + 16 * k_group, to);
  }
};

}  // namespace tenon::cpu
