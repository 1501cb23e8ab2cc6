// 16-bit floats from their definition: sign, exponent, mantissa.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace tenon::oracle {

// A float of `exponent_bits` and `mantissa_bits` as a number.
inline double decode_float(uint32_t bits, int exponent_bits, int mantissa_bits) {
  const int bias = (1 << (exponent_bits - 1)) - 1, top = (1 << exponent_bits) - 1;
  const int exponent = static_cast<int>(bits >> mantissa_bits) & top;
  const double fraction = bits & ((1u << mantissa_bits) - 1);
  const double sign = (bits >> (exponent_bits + mantissa_bits) & 1) != 0 ? -1 : 1;
  if (exponent == top) {
    return fraction != 0 ? std::numeric_limits<double>::quiet_NaN() : sign * INFINITY;
  }
  if (exponent == 0) return sign * std::ldexp(fraction, 1 - bias - mantissa_bits);
  return sign * std::ldexp(1 + std::ldexp(fraction, -mantissa_bits), exponent - bias);
}

inline double f16(uint32_t bits) { return decode_float(bits, 5, 10); }
inline double bf16(uint32_t bits) { return decode_float(bits, 8, 7); }

// The nearest representable value of x, ties to even.
inline double round_to(double x, int exponent_bits, int mantissa_bits) {
  if (x == 0 || !std::isfinite(x)) return x;
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const int exponent = std::max(std::ilogb(x), 1 - bias) - mantissa_bits;
  const double rounded = std::ldexp(std::nearbyint(std::ldexp(x, -exponent)), exponent);
  const double largest = std::ldexp(2 - std::ldexp(1.0, -mantissa_bits), bias);
  return std::fabs(rounded) > largest ? std::copysign(INFINITY, x) : rounded;
}

inline double round_f16(double x) { return round_to(x, 5, 10); }
inline double round_bf16(double x) { return round_to(x, 8, 7); }

}  // namespace tenon::oracle
