// Half and Bf16: 16-bit floats as stored, with exact widening and rounding to nearest even.
#pragma once

#include <bit>
#include <cstdint>

namespace tenon::cpu::formats {

enum class Half : uint16_t {};
enum class Bf16 : uint16_t {};

inline float to_float(float x) { return x; }

inline float to_float(Half h) {
  const auto bits = static_cast<uint32_t>(h);
  const uint32_t sign = (bits & 0x8000u) << 16, mantissa = bits & 0x3ffu;
  const uint32_t exponent = bits >> 10 & 31u;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000u | mantissa << 13);
  if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
  const float subnormal = static_cast<float>(mantissa) * 0x1p-24f;
  return std::bit_cast<float>(std::bit_cast<uint32_t>(subnormal) | sign);
}

inline float to_float(Bf16 b) { return std::bit_cast<float>(static_cast<uint32_t>(b) << 16); }

inline uint32_t half_magnitude(uint32_t magnitude) {
  if (magnitude > 0x7f800000u) return 0x7e00u | (magnitude >> 13 & 0x3ffu);  // NaN stays NaN
  if (magnitude >= 0x477ff000u) return 0x7c00u;  // 65520 and above round to infinity
  if (magnitude < 0x38800000u) {  // subnormal: 0.5f has an ulp of 2^-24, so the sum rounds there
    return std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude) + 0.5f) - 0x3f000000u;
  }
  return (magnitude + 0xfffu + (magnitude >> 13 & 1u) - 0x38000000u) >> 13;
}

inline void store(float x, float& to) { to = x; }

inline void store(float x, Half& to) {
  const auto bits = std::bit_cast<uint32_t>(x);
  to = static_cast<Half>((bits >> 16 & 0x8000u) | half_magnitude(bits & 0x7fffffffu));
}

inline void store(float x, Bf16& to) {
  const auto bits = std::bit_cast<uint32_t>(x);
  const bool nan = (bits & 0x7fffffffu) > 0x7f800000u;
  to = static_cast<Bf16>(nan ? bits >> 16 | 0x40u : (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

}  // namespace tenon::cpu::formats
