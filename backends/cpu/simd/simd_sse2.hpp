// simd.hpp for every x86-64 machine (SSE2): vectors of 4 floats or 2 doubles, products and sums
// rounded apart. Where the algorithms need the exact error of a product, it is computed.
#pragma once

#include <emmintrin.h>

#include <cstdint>
#include <cstring>

#include "backends/cpu/formats/half.hpp"

namespace tenon::cpu::simd {

inline constexpr int64_t k_width = 4;     // floats in a VecF
inline constexpr int64_t k_width_d = 2;   // doubles in a VecD
inline constexpr int k_tile_rows = 6;     // register tile of a matrix product: 6 x 2 sums,
inline constexpr int k_tile_vectors = 2;  // 2 operands and a broadcast in 16 registers

struct F16 {
  uint16_t bits;
};
struct Bf16 {
  uint16_t bits;
};
struct VecF {
  __m128 v;
};
struct VecD {
  __m128d v;
};
struct Mask {
  __m128 m;
};

inline VecF set1(float x) { return {_mm_set1_ps(x)}; }
inline VecF load(const float* p) { return {_mm_loadu_ps(p)}; }
inline VecF load_n(const float* p, int64_t n) {
  float copy[4] = {};
  std::memcpy(copy, p, static_cast<size_t>(n) * sizeof(float));
  return load(copy);
}
inline void store(float* p, VecF a) { _mm_storeu_ps(p, a.v); }
inline void store_n(float* p, VecF a, int64_t n) {
  float copy[4];
  store(copy, a);
  std::memcpy(p, copy, static_cast<size_t>(n) * sizeof(float));
}
inline __m128i load_words(const void* p) {  // four 16-bit numbers as 32-bit ones
  return _mm_unpacklo_epi16(_mm_loadl_epi64(static_cast<const __m128i*>(p)), _mm_setzero_si128());
}
inline __m128i both(__m128i a, int32_t mask) { return _mm_and_si128(a, _mm_set1_epi32(mask)); }
// Exponent and fraction at their places in a float, times 2^112; all ones stay all ones.
inline VecF load(const F16* p) {
  const __m128i half = load_words(p), magnitude = both(half, 0x7fff);
  const __m128 scaled =
      _mm_mul_ps(_mm_castsi128_ps(_mm_slli_epi32(magnitude, 13)), _mm_set1_ps(0x1p112f));
  const __m128i endless =
      both(_mm_cmpgt_epi32(magnitude, _mm_set1_epi32(0x7bff)), int32_t{0x7f800000});
  const __m128i sign = _mm_slli_epi32(both(half, 0x8000), 16);
  return {_mm_or_ps(scaled, _mm_castsi128_ps(_mm_or_si128(endless, sign)))};
}
inline VecF load_n(const F16* p, int64_t n) {
  F16 copy[4] = {};
  std::memcpy(copy, p, static_cast<size_t>(n) * sizeof(F16));
  return load(copy);
}
inline VecF load(const Bf16* p) { return {_mm_castsi128_ps(_mm_slli_epi32(load_words(p), 16))}; }
inline __m128i load_four(const void* p) {  // four bytes, each twice in a 16-bit number
  int32_t four;
  std::memcpy(&four, p, 4);
  const __m128i bytes = _mm_cvtsi32_si128(four);
  return _mm_unpacklo_epi8(bytes, bytes);
}
inline VecF load(const uint8_t* p) {
  const __m128i pairs = load_four(p);
  return {_mm_cvtepi32_ps(_mm_srli_epi32(_mm_unpacklo_epi16(pairs, pairs), 24))};
}
inline VecF load(const int8_t* p) {
  const __m128i pairs = load_four(p);
  return {_mm_cvtepi32_ps(_mm_srai_epi32(_mm_unpacklo_epi16(pairs, pairs), 24))};
}
inline void store_n(F16* p, VecF a, int64_t n) {
  float values[4];
  store(values, a);
  for (int64_t i = 0; i < n; ++i) {
    formats::Half half;
    formats::store(values[i], half);
    p[i].bits = static_cast<uint16_t>(half);
  }
}
inline void store(F16* p, VecF a) { store_n(p, a, 4); }

inline VecF operator+(VecF a, VecF b) { return {_mm_add_ps(a.v, b.v)}; }
inline VecF operator-(VecF a, VecF b) { return {_mm_sub_ps(a.v, b.v)}; }
inline VecF operator*(VecF a, VecF b) { return {_mm_mul_ps(a.v, b.v)}; }
inline VecF operator/(VecF a, VecF b) { return {_mm_div_ps(a.v, b.v)}; }
inline VecF fma(VecF a, VecF b, VecF c) { return a * b + c; }  // rounds twice
inline __m128 upper(__m128 a) { return _mm_movehl_ps(a, a); }
// a * b + c with the product exact, in doubles.
inline VecF exact_fma(VecF a, VecF b, VecF c) {
  const auto half = [](__m128 x, __m128 y, __m128 z) {
    return _mm_cvtpd_ps(_mm_add_pd(_mm_mul_pd(_mm_cvtps_pd(x), _mm_cvtps_pd(y)), _mm_cvtps_pd(z)));
  };
  return {_mm_movelh_ps(half(a.v, b.v, c.v), half(upper(a.v), upper(b.v), upper(c.v)))};
}
inline VecF negate(VecF a) { return {_mm_xor_ps(a.v, _mm_set1_ps(-0.0f))}; }
inline VecF fms(VecF a, VecF b, VecF c) { return exact_fma(a, b, negate(c)); }
inline VecF fnma(VecF a, VecF b, VecF c) { return exact_fma(negate(a), b, c); }
// A NaN in b comes through, one in a does not.
inline VecF max(VecF a, VecF b) { return {_mm_max_ps(a.v, b.v)}; }
inline VecF min(VecF a, VecF b) { return {_mm_min_ps(a.v, b.v)}; }
inline VecF abs(VecF a) { return {_mm_andnot_ps(_mm_set1_ps(-0.0f), a.v)}; }
inline VecF with_sign_of(VecF magnitude, VecF sign) {
  const __m128 bit = _mm_set1_ps(-0.0f);
  return {_mm_or_ps(_mm_andnot_ps(bit, magnitude.v), _mm_and_ps(bit, sign.v))};
}
inline VecF round(VecF a) {  // |a| < 2^22
  const VecF shift = set1(0x1.8p23f);
  return (a + shift) - shift;
}
inline Mask less(VecF a, VecF b) { return {_mm_cmplt_ps(a.v, b.v)}; }
inline bool any(Mask m) { return _mm_movemask_ps(m.m) != 0; }
inline VecF select(Mask m, VecF yes, VecF no) {
  return {_mm_or_ps(_mm_and_ps(m.m, yes.v), _mm_andnot_ps(m.m, no.v))};
}
inline __m128 power_of_two(__m128i n) {  // -126 <= n <= 127
  return _mm_castsi128_ps(_mm_slli_epi32(_mm_add_epi32(n, _mm_set1_epi32(127)), 23));
}
// a * 2^n for whole n, |n| <= 252; rounds once where the result is subnormal.
inline VecF scale_by_power(VecF a, VecF n) {
  const __m128i whole = _mm_cvtps_epi32(n.v), half = _mm_srai_epi32(whole, 1);
  const __m128 once = _mm_mul_ps(a.v, power_of_two(half));
  return {_mm_mul_ps(once, power_of_two(_mm_sub_epi32(whole, half)))};
}
// Lane i of the result is lane i^1.
inline VecF swap_pairs(VecF a) { return {_mm_shuffle_ps(a.v, a.v, 0xB1)}; }
// Lanes lo <= first + lane <= hi.
inline Mask lanes_between(int64_t first, int64_t lo, int64_t hi) {
  const __m128i lane =
      _mm_add_epi32(_mm_set1_epi32(static_cast<int>(first)), _mm_setr_epi32(0, 1, 2, 3));
  const __m128i below = _mm_cmpgt_epi32(_mm_set1_epi32(static_cast<int>(lo)), lane);
  const __m128i above = _mm_cmpgt_epi32(lane, _mm_set1_epi32(static_cast<int>(hi)));
  return {_mm_castsi128_ps(_mm_andnot_si128(_mm_or_si128(below, above), _mm_set1_epi32(-1)))};
}
inline float first_lane(VecF a) { return _mm_cvtss_f32(a.v); }

template <class Op>
inline float reduce(VecF a, Op op) {  // halves, then quarters: one fixed order
  const __m128 d = op(a.v, upper(a.v));
  return _mm_cvtss_f32(op(d, _mm_shuffle_ps(d, d, 0x55)));
}

inline VecD set1_d(double x) { return {_mm_set1_pd(x)}; }
inline VecD count_from(double x) { return {_mm_add_pd(_mm_set1_pd(x), _mm_setr_pd(0, 1))}; }
inline VecD load(const double* p) { return {_mm_loadu_pd(p)}; }
inline void store(double* p, VecD a) { _mm_storeu_pd(p, a.v); }
inline void store_rounded(float* p, VecD a) {
  _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_castps_si128(_mm_cvtpd_ps(a.v)));
}
inline VecD operator+(VecD a, VecD b) { return {_mm_add_pd(a.v, b.v)}; }
inline VecD operator-(VecD a, VecD b) { return {_mm_sub_pd(a.v, b.v)}; }
inline VecD operator*(VecD a, VecD b) { return {_mm_mul_pd(a.v, b.v)}; }
inline VecD fma(VecD a, VecD b, VecD c) { return a * b + c; }  // rounds twice
inline VecD upper_bits(VecD a) {                               // 26 of them: Veltkamp's splitting
  const VecD t = a * set1_d(134217729.0);
  return t - (t - a);
}
// c - a * b with the error of the product taken off (Dekker), |a|, |b| < 2^900.
inline VecD fnma(VecD a, VecD b, VecD c) {
  const VecD p = a * b, a_high = upper_bits(a), b_high = upper_bits(b);
  const VecD a_low = a - a_high, b_low = b - b_high;
  const VecD error = ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low;
  return (c - p) - error;
}
// `shifted` is 1.5*2^52 + n: its low bits are the whole number n.
inline VecD scale_by_power(VecD a, VecD shifted) {
  const __m128i n = _mm_slli_epi64(_mm_castpd_si128(shifted.v), 52);
  return {_mm_castsi128_pd(_mm_add_epi64(_mm_castpd_si128(a.v), n))};
}
// sine and cosine of r turned by n quarters.
inline void turn_quarters(VecD shifted, VecD& sine, VecD& cosine) {
  const __m128i n = _mm_castpd_si128(shifted.v);
  const __m128i sign = _mm_srai_epi32(_mm_slli_epi64(n, 63), 31);
  const __m128d odd = _mm_castsi128_pd(_mm_shuffle_epi32(sign, 0xF5));
  const __m128i bit = _mm_set_epi32(0, 2, 0, 2), one = _mm_set_epi32(0, 1, 0, 1);
  const __m128i s = _mm_slli_epi64(_mm_and_si128(n, bit), 62);
  const __m128i c = _mm_slli_epi64(_mm_and_si128(_mm_add_epi64(n, one), bit), 62);
  const auto pick = [&](__m128d even_value, __m128d odd_value) {
    return _mm_or_pd(_mm_and_pd(odd, odd_value), _mm_andnot_pd(odd, even_value));
  };
  const __m128d turned_s = pick(sine.v, cosine.v), turned_c = pick(cosine.v, sine.v);
  sine.v = _mm_xor_pd(turned_s, _mm_castsi128_pd(s));
  cosine.v = _mm_xor_pd(turned_c, _mm_castsi128_pd(c));
}

}  // namespace tenon::cpu::simd
