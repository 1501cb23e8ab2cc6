// Q6_K: 256 low nibbles, 256 high bit pairs, 16 signed scales, d f16: d * scale * (q - 32).
#pragma once

#include "backends/cpu/fast/formats/byte_tile.hpp"
#include "backends/cpu/reference/dequant/q6_k.hpp"

namespace tenon::cpu {

struct StripedQ6K {
  using Reference = reference::dequant::Q6K;
  static constexpr FieldOfBlock k_fields[] = {
      {Field::quads, 0, 192}, {Field::byte, 192, 16}, {Field::half, 208, 2}};
  static constexpr TileKind k_kind = TileKind::half_small;
  static void expand(const uint8_t* chunk, int64_t, ByteTile& to) {
    Lanes d;
    load_halves(chunk + 208 * k_group, d);
    for (int64_t half = 0; half < 2 * ByteTile::k_blocks; ++half) {
      const uint8_t* scale = chunk + (192 + half) * k_group;
      for (int64_t i = 0; i < k_group; ++i)
        to.step[half][i] = d[i] * static_cast<float>(static_cast<int8_t>(scale[i]));
    }
    expand_half(chunk, chunk + 128 * k_group, to.bytes);
    expand_half(chunk + 64 * k_group, chunk + 160 * k_group, to.bytes + 4);
  }

 private:
  // Four blocks: 64 bytes of low nibbles and 32 of bit pairs.
  static void expand_half(const uint8_t* low, const uint8_t* high,
                          uint8_t (*to)[ByteTile::k_block_bytes]) {
    join<0, 0>(low, high, to[0]);
    join<0, 2>(low + ByteTile::k_block_bytes, high, to[1]);
    join<4, 4>(low, high, to[2]);
    join<4, 6>(low + ByteTile::k_block_bytes, high, to[3]);
  }
  template <int Nibble, int Pair>
  static void join(const uint8_t* __restrict low, const uint8_t* __restrict high,
                   uint8_t* __restrict to) {
    for (int64_t i = 0; i < ByteTile::k_block_bytes; ++i)
      to[i] = static_cast<uint8_t>(((low[i] >> Nibble & 15) | ((high[i] >> Pair & 3) << 4)) - 32);
  }
};

}  // namespace tenon::cpu
