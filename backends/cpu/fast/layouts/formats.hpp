// The block formats of model files: their parts (see interleaved.hpp) and the value of an element.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tenon::cpu {

inline float half_to_float(const std::byte* p) {
  uint16_t bits;
  std::memcpy(&bits, p, 2);
  return _cvtsh_ss(bits);
}

// d, m f16; 32 unsigned nibbles, byte j holds elements j and j+16: value q*d + m.
struct Q4_1 {
  static constexpr int64_t k_halves = 2, k_quant_bytes = 16;
  static void expand(const std::byte* block, float* y) {
    const float d = half_to_float(block), m = half_to_float(block + 2);
    for (int j = 0; j < 16; ++j) {
      const auto q = std::to_integer<int>(block[4 + j]);
      y[j] = static_cast<float>(q & 15) * d + m;
      y[j + 16] = static_cast<float>(q >> 4) * d + m;
    }
  }
};

// d f16; 32 signed bytes: value q*d.
struct Q8_0 {
  static constexpr int64_t k_halves = 1, k_quant_bytes = 32;
  static void expand(const std::byte* block, float* y) {
    const float d = half_to_float(block);
    for (int j = 0; j < 32; ++j) y[j] = static_cast<float>(static_cast<int8_t>(block[2 + j])) * d;
  }
};

}  // namespace tenon::cpu
