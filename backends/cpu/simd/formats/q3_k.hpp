// Q3_K: 256 third bits, 256 bit pairs, 16 6-bit scales, d f16: d * (scale - 32) * (q - 4).
#pragma once

#include "backends/cpu/formats/q3_k.hpp"
#include "backends/cpu/simd/formats/q2_k.hpp"

namespace tenon::cpu::matmul {

// A nibble and bits `at`, `at` + 1 of another byte: a scale of 6 bits, less 32.
inline ByteLanes six_bits(ByteLanes nibble, ByteLanes pairs, int at) {
  return _mm_sub_epi8(_mm_or_si128(nibble, bits_at(pairs, at, 3, 4)), _mm_set1_epi8(32));
}

struct StripedQ3K {
  using Plain = formats::Q3K;
  static constexpr FieldOfBlock k_fields[] = {
      {Field::quads, 0, 96}, {Field::byte, 96, 12}, {Field::half, 108, 2}};
  static constexpr TileKind k_kind = TileKind::half_small;
  static void expand(const uint8_t* chunk, int64_t, ByteTile& to) {
    expand_scales(chunk + 96 * k_group, chunk + 108 * k_group, to);
    expand_pairs(chunk + 32 * k_group, to);
    const int8::Bytes four = int8::repeat(4);
    for (int b = 0; b < ByteTile::k_blocks; ++b)  // bit b of byte i belongs to value i of block b
      map_bytes<ByteTile::k_block_bytes>(
          to.bytes[b],
          [&](int8::Bytes pairs, int8::Bytes bits) {
            return (pairs | int8::if_bit(bits, int8::repeat(1 << b), four)) - four;
          },
          to.bytes[b], chunk);
  }

 private:
  // Low nibbles of the scales 0 … 7, then 8 … 15, in 8 bytes; the high pairs in the last 4.
  static void expand_scales(const uint8_t* packed, const uint8_t* halves, ByteTile& to) {
    Lanes d;
    load_halves(halves, d);
    for (int64_t s = 0; s < 16; ++s)
      scale_lanes<int8_t>(
          d,
          six_bits(bits_at(load_lanes(packed + s % 8 * k_group), s < 8 ? 0 : 4, 15),
                   load_lanes(packed + (8 + s % 4) * k_group), static_cast<int>(s / 4 * 2)),
          to.step[s]);
  }
};

}  // namespace tenon::cpu::matmul
