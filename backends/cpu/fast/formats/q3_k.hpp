// Q3_K: 256 third bits, 256 bit pairs, 16 6-bit scales, d f16: d * (scale - 32) * (q - 4).
#pragma once

#include "backends/cpu/fast/formats/q2_k.hpp"
#include "backends/cpu/reference/dequant/q3_k.hpp"

namespace tenon::cpu {

struct StripedQ3K {
  using Reference = reference::dequant::Q3K;
  static constexpr FieldOfBlock k_fields[] = {
      {Field::quads, 0, 96}, {Field::byte, 96, 12}, {Field::half, 108, 2}};
  static constexpr TileKind k_kind = TileKind::half_small;
  static void expand(const uint8_t* chunk, int64_t, ByteTile& to) {
    expand_scales(chunk + 96 * k_group, chunk + 108 * k_group, to);
    expand_pairs(chunk + 32 * k_group, to);
    for (int64_t b = 0; b < ByteTile::k_blocks; ++b) {  // bit b of byte i: value i of block b
      or_bit<ByteTile::k_block_bytes>(chunk, static_cast<uint8_t>(1 << b), 4, to.bytes[b]);
      subtract<ByteTile::k_block_bytes>(to.bytes[b], 4);
    }
  }

 private:
  // Low nibbles of the scales 0 … 7, then 8 … 15, in 8 bytes; the high pairs in the last 4.
  static void expand_scales(const uint8_t* packed, const uint8_t* halves, ByteTile& to) {
    Lanes d;
    load_halves(halves, d);
    for (int64_t s = 0; s < 16; ++s) {
      const uint8_t* low = packed + s % 8 * k_group;
      const uint8_t* high = packed + (8 + s % 4) * k_group;
      const auto nibble = static_cast<int>(s / 8 * 4), pair = static_cast<int>(s / 4 * 2);
      for (int64_t i = 0; i < k_group; ++i) {
        const int scale = (low[i] >> nibble & 15) | (high[i] >> pair & 3) << 4;
        to.step[s][i] = d[i] * static_cast<float>(scale - 32);
      }
    }
  }
};

}  // namespace tenon::cpu
