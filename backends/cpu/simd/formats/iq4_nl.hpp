// IQ4_NL: d f16, 32 nibbles that choose from a table: d * table[q].
#pragma once

#include "backends/cpu/formats/iq4_nl.hpp"
#include "backends/cpu/simd/formats/byte_tile.hpp"

namespace tenon::cpu::matmul {

struct StripedIq4Nl {
  using Plain = formats::Iq4Nl;
  static constexpr FieldOfBlock k_fields[] = {{Field::half, 0, 2}, {Field::quads, 2, 16}};
  static constexpr TileKind k_kind = TileKind::half_signed;
  static void expand(const uint8_t* chunk, int64_t blocks, ByteTile& to) {
    for (int64_t half = 0; half < 2 * blocks; ++half)
      load_halves(chunk + half / 2 * 2 * k_group, to.step[half]);
    expand_nibbles(chunk + blocks * 2 * k_group, blocks, to);
    look_up(formats::k_iq4_table, blocks, to);
  }
};

}  // namespace tenon::cpu::matmul
