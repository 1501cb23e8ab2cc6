// Q4_K: d, dmin f16, eight 6-bit scales and minima, 256 nibbles: d * scale * q - dmin * minimum.
#pragma once

#include "backends/cpu/fast/formats/byte_tile.hpp"
#include "backends/cpu/reference/dequant/q4_k.hpp"

namespace tenon::cpu {

// Steps and lows of eight blocks from d, dmin and 12 bytes per row.
inline void expand_k_scales(const uint8_t* halves, const uint8_t* packed, ByteTile& to) {
  Lanes d, dmin;
  load_halves(halves, d);
  load_halves(halves + 2 * k_group, dmin);
  negate(dmin);
  for (int64_t g = 0; g < 4; ++g) {
    const uint8_t* low = packed + g * k_group;  // bytes 0 … 3, 4 … 7 and 8 … 11 of the 16 rows
    const uint8_t* middle = low + 4 * k_group;
    const uint8_t* high = low + 8 * k_group;
    uint8_t scale[2][k_group], minimum[2][k_group];
    for (int64_t i = 0; i < k_group; ++i) {
      scale[0][i] = low[i] & 63;
      minimum[0][i] = middle[i] & 63;
      scale[1][i] = static_cast<uint8_t>((high[i] & 15) | (low[i] >> 6 << 4));
      minimum[1][i] = static_cast<uint8_t>((high[i] >> 4) | (middle[i] >> 6 << 4));
    }
    for (int64_t h = 0; h < 2; ++h) {
      scale_lanes(d, scale[h], to.step[4 * h + g]);
      scale_lanes(dmin, minimum[h], to.low[4 * h + g]);
    }
  }
}

// Eight blocks of 32; the nibbles of two share 32 bytes.
inline void expand_k_nibbles(const uint8_t* quants, ByteTile& to) {
  for (int64_t pair = 0; pair < 4; ++pair)
    split_nibbles<ByteTile::k_block_bytes>(quants + pair * ByteTile::k_block_bytes,
                                           to.bytes[2 * pair], to.bytes[2 * pair + 1]);
}

struct StripedQ4K {
  using Reference = reference::dequant::Q4K;
  static constexpr FieldOfBlock k_fields[] = {
      {Field::half, 0, 4}, {Field::byte, 4, 12}, {Field::quads, 16, 128}};
  static constexpr TileKind k_kind = TileKind::minima;
  static void expand(const uint8_t* chunk, int64_t, ByteTile& to) {
    expand_k_scales(chunk, chunk + 4 * k_group, to);
    expand_k_nibbles(chunk + 16 * k_group, to);
  }
};

}  // namespace tenon::cpu
