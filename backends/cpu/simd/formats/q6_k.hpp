// Q6_K: 256 low nibbles, 256 high bit pairs, 16 signed scales, d f16: d * scale * (q - 32).
#pragma once

#include "backends/cpu/formats/q6_k.hpp"
#include "backends/cpu/simd/formats/byte_tile.hpp"

namespace tenon::cpu::matmul {

struct StripedQ6K {
  using Plain = formats::Q6K;
  static constexpr FieldOfBlock k_fields[] = {
      {Field::quads, 0, 192}, {Field::byte, 192, 16}, {Field::half, 208, 2}};
  static constexpr TileKind k_kind = TileKind::half_small;
  static void expand(const uint8_t* chunk, int64_t, ByteTile& to) {
    Lanes d;
    load_halves(chunk + 208 * k_group, d);
    for (int64_t half = 0; half < 2 * ByteTile::k_blocks; ++half)
      scale_lanes<int8_t>(d, load_lanes(chunk + (192 + half) * k_group), to.step[half]);
    expand_half(chunk, chunk + 128 * k_group, to.bytes);
    expand_half(chunk + 64 * k_group, chunk + 160 * k_group, to.bytes + 4);
  }

 private:
  // Four blocks: 64 bytes of low nibbles and 32 of bit pairs.
  static void expand_half(const uint8_t* low, const uint8_t* high,
                          uint8_t (*to)[ByteTile::k_block_bytes]) {
    for (int64_t i = 0; i < ByteTile::k_block_bytes; i += int8::k_bytes) {
      const int8::Bytes a = int8::load(low + i), b = int8::load(low + ByteTile::k_block_bytes + i);
      const int8::Bytes pairs = int8::load(high + i);
      int8::store(to[0] + i, join(int8::low_nibbles(a), pairs));
      int8::store(to[1] + i, join(int8::low_nibbles(b), int8::shift_right(pairs, 2)));
      int8::store(to[2] + i, join(int8::high_nibbles(a), int8::shift_right(pairs, 4)));
      int8::store(to[3] + i, join(int8::high_nibbles(b), int8::shift_right(pairs, 6)));
    }
  }
  static int8::Bytes join(int8::Bytes nibbles, int8::Bytes pairs) {
    return (nibbles | int8::shift_left4(pairs & int8::repeat(3))) - int8::repeat(32);
  }
};

}  // namespace tenon::cpu::matmul
