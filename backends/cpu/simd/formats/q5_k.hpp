// Q5_K: as Q4_K, with 256 fifth bits: d * scale * q - dmin * minimum.
#pragma once

#include "backends/cpu/formats/q5_k.hpp"
#include "backends/cpu/simd/formats/q4_k.hpp"

namespace tenon::cpu::matmul {

struct StripedQ5K {
  using Plain = formats::Q5K;
  static constexpr FieldOfBlock k_fields[] = {
      {Field::half, 0, 4}, {Field::byte, 4, 12}, {Field::quads, 16, 160}};
  static constexpr TileKind k_kind = TileKind::minima;
  static void expand(const uint8_t* chunk, int64_t, ByteTile& to) {
    expand_k_scales(chunk, chunk + 4 * k_group, to);
    for (int pair = 0; pair < 4; ++pair)  // bit b of byte i belongs to value i of block b
      join(chunk + 48 * k_group + pair * ByteTile::k_block_bytes, chunk + 16 * k_group, 2 * pair,
           to);
  }

 private:
  static void join(const uint8_t* nibbles, const uint8_t* bits, int b, ByteTile& to) {
    const int8::Bytes sixteen = int8::repeat(16);
    const int8::Bytes first = int8::repeat(1 << b), second = int8::repeat(2 << b);
#pragma GCC unroll 4
    for (int64_t i = 0; i < ByteTile::k_block_bytes; i += int8::k_bytes) {
      const int8::Bytes both = int8::load(nibbles + i), fifth = int8::load(bits + i);
      int8::store(to.bytes[b] + i, int8::low_nibbles(both) | int8::if_bit(fifth, first, sixteen));
      int8::store(to.bytes[b + 1] + i,
                  int8::high_nibbles(both) | int8::if_bit(fifth, second, sixteen));
    }
  }
};

}  // namespace tenon::cpu::matmul
