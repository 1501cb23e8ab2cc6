// Q4_0: d f16, 32 nibbles: d * (q - 8).
#pragma once

#include "backends/cpu/formats/q4_0.hpp"
#include "backends/cpu/simd/formats/byte_tile.hpp"

namespace tenon::cpu::matmul {

struct StripedQ4_0 {
  using Plain = formats::Q4_0;
  static constexpr FieldOfBlock k_fields[] = {{Field::half, 0, 2}, {Field::quads, 2, 16}};
  static constexpr TileKind k_kind = TileKind::minima;
  static void expand(const uint8_t* chunk, int64_t blocks, ByteTile& to) {
    for (int64_t b = 0; b < blocks; ++b) {
      load_halves(chunk + b * 2 * k_group, to.step[b]);
      scale_lanes(to.step[b], -8, to.low[b]);
    }
    expand_nibbles(chunk + blocks * 2 * k_group, blocks, to);
  }
};

}  // namespace tenon::cpu::matmul
