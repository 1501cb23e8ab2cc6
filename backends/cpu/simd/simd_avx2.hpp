// simd.hpp for AVX2 with FMA and F16C: vectors of 8 floats or 4 doubles.
#pragma once

#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace tenon::cpu::simd {

inline constexpr int64_t k_width = 8;     // floats in a VecF
inline constexpr int64_t k_width_d = 4;   // doubles in a VecD
inline constexpr int k_tile_rows = 6;     // register tile of a matrix product: 6 x 2 sums,
inline constexpr int k_tile_vectors = 2;  // 2 operands and a broadcast in 16 registers

struct F16 {
  uint16_t bits;
};
struct Bf16 {
  uint16_t bits;
};
struct VecF {
  __m256 v;
};
struct VecD {
  __m256d v;
};
struct Mask {
  __m256i m;
};

alignas(64) inline constexpr int32_t k_lane_masks[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
inline Mask first_lanes(int64_t n) {
  return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(k_lane_masks + 8 - n))};
}

inline VecF set1(float x) { return {_mm256_set1_ps(x)}; }
inline VecF load(const float* p) { return {_mm256_loadu_ps(p)}; }
inline VecF load_n(const float* p, int64_t n) { return {_mm256_maskload_ps(p, first_lanes(n).m)}; }
inline void store(float* p, VecF a) { _mm256_storeu_ps(p, a.v); }
inline void store_n(float* p, VecF a, int64_t n) { _mm256_maskstore_ps(p, first_lanes(n).m, a.v); }
inline __m128i as_halves(const F16* p) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
}
inline VecF load(const F16* p) { return {_mm256_cvtph_ps(as_halves(p))}; }
inline VecF load_n(const F16* p, int64_t n) {
  F16 copy[8] = {};
  std::memcpy(copy, p, static_cast<size_t>(n) * sizeof(F16));
  return load(copy);
}
inline VecF load(const Bf16* p) {
  const __m128i upper = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  return {_mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(upper), 16))};
}
inline VecF load(const uint8_t* p) {
  const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
  return {_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes))};
}
inline VecF load(const int8_t* p) {
  const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
  return {_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes))};
}
inline __m128i to_halves(VecF a) {
  return _mm256_cvtps_ph(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
inline void store(F16* p, VecF a) { _mm_storeu_si128(reinterpret_cast<__m128i*>(p), to_halves(a)); }
inline void store_n(F16* p, VecF a, int64_t n) {
  F16 copy[8];
  store(copy, a);
  std::memcpy(p, copy, static_cast<size_t>(n) * sizeof(F16));
}

inline VecF operator+(VecF a, VecF b) { return {_mm256_add_ps(a.v, b.v)}; }
inline VecF operator-(VecF a, VecF b) { return {_mm256_sub_ps(a.v, b.v)}; }
inline VecF operator*(VecF a, VecF b) { return {_mm256_mul_ps(a.v, b.v)}; }
inline VecF operator/(VecF a, VecF b) { return {_mm256_div_ps(a.v, b.v)}; }
inline VecF fma(VecF a, VecF b, VecF c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
inline VecF fms(VecF a, VecF b, VecF c) { return {_mm256_fmsub_ps(a.v, b.v, c.v)}; }
inline VecF fnma(VecF a, VecF b, VecF c) { return {_mm256_fnmadd_ps(a.v, b.v, c.v)}; }
// A NaN in b comes through, one in a does not.
inline VecF max(VecF a, VecF b) { return {_mm256_max_ps(a.v, b.v)}; }
inline VecF min(VecF a, VecF b) { return {_mm256_min_ps(a.v, b.v)}; }
inline VecF abs(VecF a) { return {_mm256_andnot_ps(_mm256_set1_ps(-0.0f), a.v)}; }
inline VecF with_sign_of(VecF magnitude, VecF sign) {
  const __m256 bit = _mm256_set1_ps(-0.0f);
  return {_mm256_or_ps(_mm256_andnot_ps(bit, magnitude.v), _mm256_and_ps(bit, sign.v))};
}
inline VecF round(VecF a) {
  return {_mm256_round_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
}
inline Mask less(VecF a, VecF b) {
  return {_mm256_castps_si256(_mm256_cmp_ps(a.v, b.v, _CMP_LT_OQ))};
}
inline bool any(Mask m) { return _mm256_movemask_ps(_mm256_castsi256_ps(m.m)) != 0; }
inline VecF select(Mask m, VecF yes, VecF no) {
  return {_mm256_blendv_ps(no.v, yes.v, _mm256_castsi256_ps(m.m))};
}
inline __m256 power_of_two(__m256i n) {  // -126 <= n <= 127
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(n, _mm256_set1_epi32(127)), 23));
}
// a * 2^n for whole n, |n| <= 252; rounds once where the result is subnormal.
inline VecF scale_by_power(VecF a, VecF n) {
  const __m256i whole = _mm256_cvtps_epi32(n.v), half = _mm256_srai_epi32(whole, 1);
  const __m256 once = _mm256_mul_ps(a.v, power_of_two(half));
  return {_mm256_mul_ps(once, power_of_two(_mm256_sub_epi32(whole, half)))};
}
// Lane i of the result is lane i^1.
inline VecF swap_pairs(VecF a) { return {_mm256_permute_ps(a.v, 0xB1)}; }
// Lanes lo <= first + lane <= hi.
inline Mask lanes_between(int64_t first, int64_t lo, int64_t hi) {
  const __m256i lane = _mm256_add_epi32(_mm256_set1_epi32(static_cast<int>(first)),
                                        _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  const __m256i below = _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(lo)), lane);
  const __m256i above = _mm256_cmpgt_epi32(lane, _mm256_set1_epi32(static_cast<int>(hi)));
  return {_mm256_andnot_si256(_mm256_or_si256(below, above), _mm256_set1_epi32(-1))};
}
inline float first_lane(VecF a) { return _mm256_cvtss_f32(a.v); }

template <class Op>
inline float reduce(VecF a, Op op) {  // halves, quarters, … : one fixed order
  const __m128 q = op(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
  const __m128 d = op(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(op(d, _mm_movehdup_ps(d)));
}

inline VecD set1_d(double x) { return {_mm256_set1_pd(x)}; }
inline VecD count_from(double x) {
  return {_mm256_add_pd(_mm256_set1_pd(x), _mm256_setr_pd(0, 1, 2, 3))};
}
inline VecD load(const double* p) { return {_mm256_loadu_pd(p)}; }
inline void store(double* p, VecD a) { _mm256_storeu_pd(p, a.v); }
inline void store_rounded(float* p, VecD a) { _mm_storeu_ps(p, _mm256_cvtpd_ps(a.v)); }
inline VecD operator+(VecD a, VecD b) { return {_mm256_add_pd(a.v, b.v)}; }
inline VecD operator-(VecD a, VecD b) { return {_mm256_sub_pd(a.v, b.v)}; }
inline VecD operator*(VecD a, VecD b) { return {_mm256_mul_pd(a.v, b.v)}; }
inline VecD fma(VecD a, VecD b, VecD c) { return {_mm256_fmadd_pd(a.v, b.v, c.v)}; }
inline VecD fnma(VecD a, VecD b, VecD c) { return {_mm256_fnmadd_pd(a.v, b.v, c.v)}; }
// `shifted` is 1.5*2^52 + n: its low bits are the whole number n.
inline VecD scale_by_power(VecD a, VecD shifted) {
  const __m256i n = _mm256_slli_epi64(_mm256_castpd_si256(shifted.v), 52);
  return {_mm256_castsi256_pd(_mm256_add_epi64(_mm256_castpd_si256(a.v), n))};
}
// sine and cosine of r turned by n quarters.
inline void turn_quarters(VecD shifted, VecD& sine, VecD& cosine) {
  const __m256i n = _mm256_castpd_si256(shifted.v), one = _mm256_set1_epi64x(1);
  const __m256d odd = _mm256_castsi256_pd(_mm256_slli_epi64(n, 63));  // blendv reads the sign bit
  const __m256i bit = _mm256_set1_epi64x(2);
  const __m256i s = _mm256_slli_epi64(_mm256_and_si256(n, bit), 62);
  const __m256i c = _mm256_slli_epi64(_mm256_and_si256(_mm256_add_epi64(n, one), bit), 62);
  const __m256d swapped_s = _mm256_blendv_pd(sine.v, cosine.v, odd);
  const __m256d swapped_c = _mm256_blendv_pd(cosine.v, sine.v, odd);
  sine.v = _mm256_xor_pd(swapped_s, _mm256_castsi256_pd(s));
  cosine.v = _mm256_xor_pd(swapped_c, _mm256_castsi256_pd(c));
}

}  // namespace tenon::cpu::simd
