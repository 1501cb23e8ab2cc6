// Little-endian fields of quantised blocks, which have no alignment.
#pragma once

#include "half.hpp"

namespace tenon::cpu::formats {

inline float half_at(const uint8_t* bytes) {
  return to_float(static_cast<Half>(bytes[0] | bytes[1] << 8));
}

// Value `i` (0 … 31) of 16 bytes: low nibbles are the values 0 … 15, high nibbles 16 … 31.
inline int nibble_at(const uint8_t* bytes, int i) {
  return i < 16 ? bytes[i] & 15 : bytes[i - 16] >> 4;
}

// Bit `i` (0 … 31) of 4 bytes.
inline int bit_at(const uint8_t* bytes, int i) { return bytes[i / 8] >> i % 8 & 1; }

// Bit pair `i` (0 … 255) of 64 bytes: a byte holds four values of its half of 128, 32 apart.
inline int pair_at(const uint8_t* bytes, int i) {
  return bytes[i / 128 * 32 + i % 32] >> i % 128 / 32 * 2 & 3;
}

}  // namespace tenon::cpu::formats
