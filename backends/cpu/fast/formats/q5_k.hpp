// Q5_K: as Q4_K, with 256 fifth bits: d * scale * q - dmin * minimum.
#pragma once

#include "backends/cpu/fast/formats/q4_k.hpp"
#include "backends/cpu/reference/dequant/q5_k.hpp"

namespace tenon::cpu {

struct StripedQ5K {
  using Reference = reference::dequant::Q5K;
  static constexpr FieldOfBlock k_fields[] = {
      {Field::half, 0, 4}, {Field::byte, 4, 12}, {Field::quads, 16, 160}};
  static constexpr TileKind k_kind = TileKind::minima;
  static void expand(const uint8_t* chunk, int64_t, ByteTile& to) {
    expand_k_scales(chunk, chunk + 4 * k_group, to);
    expand_k_nibbles(chunk + 48 * k_group, to);
    for (int64_t b = 0; b < ByteTile::k_blocks;
         ++b)  // bit b of byte i belongs to value i of block b
      or_bit<ByteTile::k_block_bytes>(chunk + 16 * k_group, static_cast<uint8_t>(1 << b), 16,
                                      to.bytes[b]);
  }
};

}  // namespace tenon::cpu
