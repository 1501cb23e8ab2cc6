// Four floats at a time, with the vector types of GCC and clang:
// one instruction set is enough here.
#pragma once

#include <cstdint>
#include <cstring>

namespace tenon {

using Float4 = float __attribute__((vector_size(16)));
using Int4 = std::int32_t __attribute__((vector_size(16)));

inline Float4 all4(float x) { return Float4{x, x, x, x}; }

inline Float4 load4(const float* from) {
  Float4 x;
  std::memcpy(&x, from, sizeof(x));
  return x;
}
inline void store4(float* to, Float4 x) { std::memcpy(to, &x, sizeof(x)); }

inline Float4 max4(Float4 a, Float4 b) { return a < b ? b : a; }
inline float max_of(Float4 x) {
  const float low = x[0] < x[1] ? x[1] : x[0], high = x[2] < x[3] ? x[3] : x[2];
  return low < high ? high : low;
}
inline double sum_of(Float4 x) {
  return (static_cast<double>(x[0]) + static_cast<double>(x[1])) +
         (static_cast<double>(x[2]) + static_cast<double>(x[3]));
}

// Below this exp4 is 0.
inline constexpr float k_least_exponent = -87.0f;

// exp(x) for x <= 0: 2^n by its bits, times the Taylor series of 2^f, |f| <= 1/2. To 1e-6 of itself
// down to exp(-16); what is less likely still decides nothing.
inline Float4 exp4(Float4 x) {
  const Float4 power = max4(all4(k_least_exponent), x) * 1.44269504f;
  const Int4 n = __builtin_convertvector(power - 0.5f, Int4);  // towards 0: the nearest
  const Float4 f = power - __builtin_convertvector(n, Float4);
  Float4 s = f * 1.54035304e-4f + 1.33335581e-3f;
  s = s * f + 9.61812911e-3f;
  s = s * f + 5.55041087e-2f;
  s = s * f + 2.40226507e-1f;
  s = s * f + 6.93147181e-1f;
  s = s * f + 1.0f;
  const Int4 bits = (n + 127) << 23;
  Float4 scale;
  std::memcpy(&scale, &bits, sizeof(scale));
  return x < k_least_exponent ? all4(0) : s * scale;
}

}  // namespace tenon
