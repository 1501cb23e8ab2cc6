// MXFP4: one byte of exponent, 32 floats of 4 bits: 2^(e - 127) * float.
#pragma once

#include <bit>

#include "backends/cpu/formats/mxfp4.hpp"
#include "backends/cpu/simd/formats/byte_tile.hpp"

namespace tenon::cpu::matmul {

struct StripedMxfp4 {
  using Plain = formats::Mxfp4;
  static constexpr FieldOfBlock k_fields[] = {{Field::byte, 0, 1}, {Field::quads, 1, 16}};
  static constexpr TileKind k_kind = TileKind::half_small;
  static void expand(const uint8_t* chunk, int64_t blocks, ByteTile& to) {
    for (int64_t half = 0; half < 2 * blocks; ++half)
      for (int64_t i = 0; i < k_group; ++i)
        to.step[half][i] = Plain::half_power(chunk[half / 2 * k_group + i]);
    expand_nibbles(chunk + blocks * k_group, blocks, to);
    look_up(Plain::k_doubled, blocks, to);
  }
};

}  // namespace tenon::cpu::matmul
