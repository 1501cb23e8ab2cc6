// Tiles of a KV pool, as backends/gpu/kv_layout.hpp says: 64 positions of one page and head. Offsets
// are words; widths are multiples of 4.
#include "halves.glsl"

const uint F32 = 0, F16 = 1, Q8_0 = 2;
layout(constant_id = 0) const uint CELL = 0;

const uint PAGE = 64;

uint kv_row_words(uint width) { return CELL == F32 ? width : CELL == F16 ? width / 2 : width / 4; }
uint kv_scale_words(uint width) { return CELL == Q8_0 ? (width + 63) / 64 : 0; }
uint kv_tile_words(uint width) { return PAGE * (kv_row_words(width) + kv_scale_words(width)); }
// Where the row of a position, and where the scale of a channel lies in a tile.
uint kv_row(uint width, uint position) { return position * kv_row_words(width); }
uint kv_scale(uint width, uint position, uint channel) {
  return PAGE * kv_row_words(width) + position * kv_scale_words(width) + channel / 64;
}
float kv_scale_of(uint word, uint channel) {
  return half_to_float((channel / 32 & 1u) == 0 ? word & 0xffffu : word >> 16);
}
float kv_byte(uint word, uint i) { return float(int(word << (24 - 8 * i)) >> 24); }

// Defines name##_four(tile, width, position, channel), four channels from one divisible by 4 on, and
// name##_one, a single one.
#define KV_READERS(name, words)                                                             \
  vec4 name##_four(uint tile, uint width, uint position, uint channel) {                    \
    const uint row = tile + kv_row(width, position);                                        \
    if (CELL == F32) {                                                                      \
      const uint i = row + channel;                                                         \
      return uintBitsToFloat(uvec4(words[i], words[i + 1], words[i + 2], words[i + 3]));    \
    }                                                                                       \
    if (CELL == F16) {                                                                      \
      const uint a = words[row + channel / 2], b = words[row + channel / 2 + 1];            \
      return vec4(half_to_float(a & 0xffffu), half_to_float(a >> 16),                       \
                  half_to_float(b & 0xffffu), half_to_float(b >> 16));                      \
    }                                                                                       \
    const uint q = words[row + channel / 4];                                                \
    const float s = kv_scale_of(words[tile + kv_scale(width, position, channel)], channel); \
    precise vec4 four = vec4(kv_byte(q, 0), kv_byte(q, 1), kv_byte(q, 2), kv_byte(q, 3)) * s; \
    return four;                                                                            \
  }                                                                                         \
  float name##_one(uint tile, uint width, uint position, uint channel) {                    \
    const uint row = tile + kv_row(width, position);                                        \
    if (CELL == F32) return uintBitsToFloat(words[row + channel]);                          \
    if (CELL == F16) {                                                                      \
      const uint two = words[row + channel / 2];                                            \
      return half_to_float((channel & 1u) == 0 ? two & 0xffffu : two >> 16);                \
    }                                                                                       \
    const float s = kv_scale_of(words[tile + kv_scale(width, position, channel)], channel); \
    precise float value = kv_byte(words[row + channel / 4], channel % 4) * s;               \
    return value;                                                                           \
  }
