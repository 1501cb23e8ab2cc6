// TQ2_0: 256 bit pairs, d f16: d * (q - 1).
#pragma once

#include "backends/cpu/formats/tq2_0.hpp"
#include "backends/cpu/simd/formats/q2_k.hpp"

namespace tenon::cpu::matmul {

struct StripedTq2_0 {
  using Plain = formats::Tq2_0;
  static constexpr FieldOfBlock k_fields[] = {{Field::quads, 0, 64}, {Field::half, 64, 2}};
  static constexpr TileKind k_kind = TileKind::minima;
  static void expand(const uint8_t* chunk, int64_t blocks, ByteTile& to) {
    load_halves(chunk + 64 * k_group, to.step[0]);
    scale_lanes(to.step[0], -1.0f, to.low[0]);
    for (int64_t b = 1; b < blocks; ++b) {
      scale_lanes(to.step[0], 1.0f, to.step[b]);
      scale_lanes(to.low[0], 1.0f, to.low[b]);
    }
    expand_pairs(chunk, to);
  }
};

}  // namespace tenon::cpu::matmul
