// Q5_0: d f16, 32 fifth bits, 32 nibbles: d * (q - 16).
#pragma once

#include "backends/cpu/fast/formats/byte_tile.hpp"
#include "backends/cpu/reference/dequant/q5_0.hpp"

namespace tenon::cpu {

// Field::bits: byte j, bit k is the fifth bit of value 4k + j.
inline void or_fifth_bits(const uint8_t* bits, int64_t blocks, ByteTile& to) {
  for (int64_t b = 0; b < blocks; ++b)
    for (int64_t k = 0; k < 8; ++k)
      or_bit<ByteTile::k_unit>(bits + b * ByteTile::k_unit, static_cast<uint8_t>(1 << k), 16,
                               to.bytes[b] + k * ByteTile::k_unit);
}

struct StripedQ5_0 {
  using Reference = reference::dequant::Q5_0;
  static constexpr FieldOfBlock k_fields[] = {
      {Field::half, 0, 2}, {Field::bits, 2, 4}, {Field::quads, 6, 16}};
  static constexpr TileKind k_kind = TileKind::minima;
  static void expand(const uint8_t* chunk, int64_t blocks, ByteTile& to) {
    for (int64_t b = 0; b < blocks; ++b) {
      load_halves(chunk + b * 2 * k_group, to.step[b]);
      scale_lanes(to.step[b], -16, to.low[b]);
    }
    expand_nibbles(chunk + blocks * 6 * k_group, blocks, to);
    or_fifth_bits(chunk + blocks * 2 * k_group, blocks, to);
  }
};

}  // namespace tenon::cpu
