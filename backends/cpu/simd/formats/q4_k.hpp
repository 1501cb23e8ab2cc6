// Q4_K: d, dmin f16, eight 6-bit scales and minima, 256 nibbles: d * scale * q - dmin * minimum.
#pragma once

#include "backends/cpu/formats/q4_k.hpp"
#include "backends/cpu/simd/formats/byte_tile.hpp"

namespace tenon::cpu::matmul {

// Steps and lows of eight blocks from d, dmin and 12 bytes per row.
inline void expand_k_scales(const uint8_t* halves, const uint8_t* packed, ByteTile& to) {
  Lanes d, dmin;
  load_halves(halves, d);
  load_halves(halves + 2 * k_group, dmin);
  scale_lanes(dmin, -1.0f, dmin);
  for (int64_t g = 0; g < 4; ++g, packed += k_group) {  // bytes g, g + 4, g + 8 of the 16 rows
    const ByteLanes a = load_lanes(packed), b = load_lanes(packed + 4 * k_group),
                    c = load_lanes(packed + 8 * k_group);
    const ByteLanes scale = _mm_or_si128(low_bits(c, 15), bits_at(a, 6, 3, 4));
    const ByteLanes minimum = _mm_or_si128(bits_at(c, 4, 15), bits_at(b, 6, 3, 4));
    scale_lanes<uint8_t>(d, low_bits(a, 63), to.step[g]);
    scale_lanes<uint8_t>(dmin, low_bits(b, 63), to.low[g]);
    scale_lanes<uint8_t>(d, scale, to.step[g + 4]);
    scale_lanes<uint8_t>(dmin, minimum, to.low[g + 4]);
  }
}

// Eight blocks of 32; the nibbles of two share 32 bytes.
inline void expand_k_nibbles(const uint8_t* quants, ByteTile& to) {
  for (int64_t pair = 0; pair < 4; ++pair)
    split_nibbles<ByteTile::k_block_bytes>(quants + pair * ByteTile::k_block_bytes,
                                           to.bytes[2 * pair], to.bytes[2 * pair + 1]);
}

struct StripedQ4K {
  using Plain = formats::Q4K;
  static constexpr FieldOfBlock k_fields[] = {
      {Field::half, 0, 4}, {Field::byte, 4, 12}, {Field::quads, 16, 128}};
  static constexpr TileKind k_kind = TileKind::minima;
  static void expand(const uint8_t* chunk, int64_t, ByteTile& to) {
    expand_k_scales(chunk, chunk + 4 * k_group, to);
    expand_k_nibbles(chunk + 16 * k_group, to);
  }
};

}  // namespace tenon::cpu::matmul
