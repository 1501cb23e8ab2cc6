// IQ4_XS: d f16, eight 6-bit scales, 256 nibbles that choose from a table:
// d * (scale - 32) * table[q].
#pragma once

#include "backends/cpu/formats/iq4_xs.hpp"
#include "backends/cpu/simd/formats/q3_k.hpp"

namespace tenon::cpu::matmul {

struct StripedIq4Xs {
  using Plain = formats::Iq4Xs;
  static constexpr FieldOfBlock k_fields[] = {
      {Field::half, 0, 2}, {Field::byte, 2, 6}, {Field::quads, 8, 128}};
  static constexpr TileKind k_kind = TileKind::half_signed;
  static void expand(const uint8_t* chunk, int64_t, ByteTile& to) {
    Lanes d;
    load_halves(chunk, d);
    for (int64_t half = 0; half < 2 * ByteTile::k_blocks; ++half) {
      const int64_t b = half / 2;
      const ByteLanes low = load_lanes(chunk + (4 + b / 2) * k_group);
      const ByteLanes high = load_lanes(chunk + (2 + b / 4) * k_group);
      const auto pair = static_cast<int>(b % 4 * 2);
      scale_lanes<int8_t>(d, six_bits(bits_at(low, b % 2 == 0 ? 0 : 4, 15), high, pair),
                          to.step[half]);
    }
    expand_nibbles(chunk + 8 * k_group, ByteTile::k_blocks, to);
    look_up(formats::k_iq4_table, ByteTile::k_blocks, to);
  }
};

}  // namespace tenon::cpu::matmul
