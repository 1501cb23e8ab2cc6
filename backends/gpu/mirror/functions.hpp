// Functions of one number as the kernels compute them (exact_math.glsl, line by line): made of
// multiplications and additions that every device rounds alike, so that bits can be compared.
// Results too small for a normal number are 0, because devices may flush them.
// Compile with -ffp-contract=off.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace tenon::gpu::mirror {

inline constexpr uint32_t k_sign = 0x80000000u, k_infinity = 0x7f800000u,
                          k_min_normal = 0x00800000u;

inline uint32_t bits_of(float x) { return std::bit_cast<uint32_t>(x); }
inline float of_bits(uint32_t bits) { return std::bit_cast<float>(bits); }
inline uint32_t magnitude_of(float x) { return bits_of(x) & ~k_sign; }
inline bool is_nan(float x) { return magnitude_of(x) > k_infinity; }
// What devices make of a number that is too small: comparisons of words use it on both sides.
inline float flushed(float x) {
  return magnitude_of(x) < k_min_normal ? of_bits(bits_of(x) & k_sign) : x;
}

// What rounding took from p = a*b (Veltkamp, Dekker): a*b == p + product_error(a, b, p).
inline float product_error(float a, float b, float p) {
  const float ta = a * 4097.0f, a1 = ta - (ta - a), a2 = a - a1;
  const float tb = b * 4097.0f, b1 = tb - (tb - b), b2 = b - b1;
  return ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2;
}

// 1/x: a seed from the bits of the mantissa, three Newton steps, and one with the exact residue.
inline float recip(float x) {
  const uint32_t magnitude = magnitude_of(x), sign = bits_of(x) & k_sign;
  const uint32_t exponent = magnitude >> 23;
  if (magnitude > k_infinity) return x;
  if (exponent >= 253) return of_bits(sign);
  if (exponent == 0) return of_bits(sign | k_infinity);
  const float m = of_bits((magnitude & 0x007fffffu) | 0x3f800000u);
  float y = of_bits(0x7ef311c3u - bits_of(m));
  for (int i = 0; i < 3; ++i) {
    const float miss = 2.0f - m * y;
    y = y * miss;
  }
  const float p = m * y, residue = (1.0f - p) - product_error(m, y, p);
  y = y + y * residue;
  const float scaled = y * of_bits((254u - exponent) << 23);
  return of_bits(bits_of(scaled) | sign);
}

// a/b, corrected by its exact residue.
inline float divide(float a, float b) {
  const float r = recip(b), q = a * r, p = q * b;
  const float residue = (a - p) - product_error(q, b, p);
  const float y = q + residue * r;
  return magnitude_of(y) < k_infinity ? y : q;
}

// 1/sqrt(x) of a positive number.
inline float rsqrt(float x) {
  float y = of_bits(0x5f375a86u - (bits_of(x) >> 1));
  const float half = 0.5f * x;
  for (int i = 0; i < 4; ++i) {
    const float square = y * y, miss = 1.5f - half * square;
    y = y * miss;
  }
  return y;
}

// e^x: x = n*ln2 + r with a small r, of which a polynomial; 2^n by its bits, in two factors.
inline float exponential(float x) {
  if (is_nan(x)) return x;
  if (x > 88.72283f) return of_bits(k_infinity);
  if (x < -87.33f) return 0.0f;
  const float turns = x * 1.44269502f + (x < 0.0f ? -0.5f : 0.5f);
  const int n = static_cast<int>(turns);
  const float f = static_cast<float>(n), high = x - f * 0.693359375f, r = high + f * 2.12194442e-4f;
  float p = 1.392692677e-03f;
  p = p * r + 8.363774046e-03f;
  p = p * r + 4.166654870e-02f;
  p = p * r + 1.666657329e-01f;
  p = p * r + 0.5f;
  const float square = r * r, rest = p * square + r, y = rest + 1.0f;
  const int half = n / 2;
  const float a = of_bits(static_cast<uint32_t>(half + 127) << 23);
  const float b = of_bits(static_cast<uint32_t>(n - half + 127) << 23);
  return y * a * b;
}

inline float hyperbolic_tangent(float x) {
  const uint32_t sign = bits_of(x) & k_sign;
  const float a = of_bits(magnitude_of(x));
  if (is_nan(x)) return x;
  if (a > 9.1f) return of_bits(sign | 0x3f800000u);
  if (a < 0.55f) {
    const float u = x * x;
    float p = -6.610227749e-03f;
    p = p * u + 2.130938880e-02f;
    p = p * u + -5.390942842e-02f;
    p = p * u + 1.333311349e-01f;
    p = p * u + -3.333333135e-01f;
    const float cube = x * u;
    return x + cube * p;
  }
  const float e = exponential(2.0f * a), y = 1.0f - divide(2.0f, e + 1.0f);
  return of_bits(bits_of(y) | sign);
}

// x/(1+e^-x)
inline float silu(float x) { return divide(x, 1.0f + exponential(-x)); }

// x/2*(1+tanh(u)) = x/(1+e^-2u), u = sqrt(2/pi)*(x + 0.044715*x^3); loses no digits below 0.
inline float gelu_tanh(float x) {
  const float square = x * x, slope = 1.59576912f + 0.0713548163f * square;
  return divide(x, 1.0f + exponential(-(x * slope)));
}

// x/2*(1+erf(x/sqrt(2))): a polynomial of erf near 0, else e^(-x^2/2) times one of 1/(1+z/2).
inline float gelu_erf(float x) {
  const float a = of_bits(magnitude_of(x)), z = a * 0.707106769f, half = 0.5f * x;
  if (is_nan(x)) return x;
  if (a > 14.5f) return x > 0.0f ? x : 0.0f;
  if (z < 0.7f) {
    const float u = z * z;
    float p = 7.875874871e-05f;
    p = p * u + -8.016864303e-04f;
    p = p * u + 5.189087242e-03f;
    p = p * u + -2.685421146e-02f;
    p = p * u + 1.128359437e-01f;
    p = p * u + -3.761262596e-01f;
    p = p * u + 3.379165893e-03f;
    const float tail = z * p, erf = tail + z * 1.125f;
    return x > 0.0f ? half + half * erf : half - half * erf;
  }
  const float t = recip(1.0f + 0.353553385f * a);
  float p = -4.460544139e-02f;
  p = p * t + 1.236141995e-01f;
  p = p * t + -3.483255953e-02f;
  p = p * t + -1.763727516e-01f;
  p = p * t + 9.408012778e-02f;
  p = p * t + 4.132821783e-02f;
  p = p * t + 1.872637570e-01f;
  p = p * t + 2.451284677e-01f;
  p = p * t + 2.822422087e-01f;
  p = p * t + 2.820893526e-01f;
  const float square = a * a, e = exponential(-0.5f * square);
  const float lost = e * (0.5f * product_error(a, a, square)), erfc = (e - lost) * (p * t);
  return x > 0.0f ? x - half * erfc : half * erfc;
}

inline float softcap(float x, float cap) { return cap * hyperbolic_tangent(divide(x, cap)); }

}  // namespace tenon::gpu::mirror
