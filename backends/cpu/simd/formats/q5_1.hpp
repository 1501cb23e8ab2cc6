// Q5_1: d, m f16, 32 fifth bits, 32 nibbles: d * q + m.
#pragma once

#include "backends/cpu/formats/q5_1.hpp"
#include "backends/cpu/simd/formats/q5_0.hpp"

namespace tenon::cpu::matmul {

struct StripedQ5_1 {
  using Plain = formats::Q5_1;
  static constexpr FieldOfBlock k_fields[] = {
      {Field::half, 0, 2}, {Field::half, 2, 2}, {Field::bits, 4, 4}, {Field::quads, 8, 16}};
  static constexpr TileKind k_kind = TileKind::minima;
  static void expand(const uint8_t* chunk, int64_t blocks, ByteTile& to) {
    for (int64_t b = 0; b < blocks; ++b) {
      load_halves(chunk + b * 2 * k_group, to.step[b]);
      load_halves(chunk + (blocks + b) * 2 * k_group, to.low[b]);
    }
    expand_five_bits(chunk + blocks * 8 * k_group, chunk + blocks * 4 * k_group, blocks, to);
  }
};

}  // namespace tenon::cpu::matmul
