// IQ4_XS: d f16, eight 6-bit scales, 256 nibbles that choose from a table: d * (scale - 32) *
// table[q].
#pragma once

#include "backends/cpu/fast/formats/byte_tile.hpp"
#include "backends/cpu/reference/dequant/iq4_xs.hpp"

namespace tenon::cpu {

struct StripedIq4Xs {
  using Reference = reference::dequant::Iq4Xs;
  static constexpr FieldOfBlock k_fields[] = {
      {Field::half, 0, 2}, {Field::byte, 2, 6}, {Field::quads, 8, 128}};
  static constexpr TileKind k_kind = TileKind::half_signed;
  static void expand(const uint8_t* chunk, int64_t, ByteTile& to) {
    Lanes d;
    load_halves(chunk, d);
    for (int64_t half = 0; half < 2 * ByteTile::k_blocks; ++half) {
      const int64_t b = half / 2;
      const uint8_t* high = chunk + (2 + b / 4) * k_group;
      const uint8_t* low = chunk + (4 + b / 2) * k_group;
      const auto nibble = static_cast<int>(b % 2 * 4), pair = static_cast<int>(b % 4 * 2);
      for (int64_t i = 0; i < k_group; ++i) {
        const int scale = (low[i] >> nibble & 15) | (high[i] >> pair & 3) << 4;
        to.step[half][i] = d[i] * static_cast<float>(scale - 32);
      }
    }
    expand_nibbles(chunk + 8 * k_group, ByteTile::k_blocks, to);
    look_up(reference::dequant::k_iq4_table, ByteTile::k_blocks, to);
  }
};

}  // namespace tenon::cpu
