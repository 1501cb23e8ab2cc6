// simd.hpp for AVX-512 (F, BW, VL, DQ): vectors of 16 floats or 8 doubles.
#pragma once

// gcc 12 warns about the undefined operand inside its own unmasked intrinsics (bug 105593).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop

#include <cstdint>

namespace tenon::cpu::simd {

inline constexpr int64_t k_width = 16;    // floats in a VecF
inline constexpr int64_t k_width_d = 8;   // doubles in a VecD
inline constexpr int k_tile_rows = 6;     // register tile of a matrix product: 6 x 4 sums,
inline constexpr int k_tile_vectors = 4;  // 4 operands and a broadcast in 32 registers

struct F16 {
  uint16_t bits;
};
struct Bf16 {
  uint16_t bits;
};
struct VecF {
  __m512 v;
};
struct VecD {
  __m512d v;
};
struct Mask {
  __mmask16 m;
};

inline Mask first_lanes(int64_t n) { return {static_cast<__mmask16>((1u << n) - 1u)}; }  // n < 16

inline VecF set1(float x) { return {_mm512_set1_ps(x)}; }
inline VecF load(const float* p) { return {_mm512_loadu_ps(p)}; }
inline VecF load_n(const float* p, int64_t n) {
  return {_mm512_maskz_loadu_ps(first_lanes(n).m, p)};
}
inline void store(float* p, VecF a) { _mm512_storeu_ps(p, a.v); }
inline void store_n(float* p, VecF a, int64_t n) {
  _mm512_mask_storeu_ps(p, first_lanes(n).m, a.v);
}
inline __m256i as_halves(const F16* p) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
}
inline VecF load(const F16* p) { return {_mm512_cvtph_ps(as_halves(p))}; }
inline VecF load_n(const F16* p, int64_t n) {
  return {_mm512_cvtph_ps(_mm256_maskz_loadu_epi16(first_lanes(n).m, p))};
}
inline VecF load(const Bf16* p) {
  const __m256i upper = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(upper), 16))};
}
inline VecF load(const uint8_t* p) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  return {_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(bytes))};
}
inline VecF load(const int8_t* p) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  return {_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes))};
}
inline __m256i to_halves(VecF a) {
  return _mm512_cvtps_ph(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
inline void store(F16* p, VecF a) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), to_halves(a));
}
inline void store_n(F16* p, VecF a, int64_t n) {
  _mm256_mask_storeu_epi16(p, first_lanes(n).m, to_halves(a));
}

inline VecF operator+(VecF a, VecF b) { return {_mm512_add_ps(a.v, b.v)}; }
inline VecF operator-(VecF a, VecF b) { return {_mm512_sub_ps(a.v, b.v)}; }
inline VecF operator*(VecF a, VecF b) { return {_mm512_mul_ps(a.v, b.v)}; }
inline VecF operator/(VecF a, VecF b) { return {_mm512_div_ps(a.v, b.v)}; }
inline VecF fma(VecF a, VecF b, VecF c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
inline VecF fms(VecF a, VecF b, VecF c) { return {_mm512_fmsub_ps(a.v, b.v, c.v)}; }
inline VecF fnma(VecF a, VecF b, VecF c) { return {_mm512_fnmadd_ps(a.v, b.v, c.v)}; }
// A NaN in b comes through, one in a does not.
inline VecF max(VecF a, VecF b) { return {_mm512_max_ps(a.v, b.v)}; }
inline VecF min(VecF a, VecF b) { return {_mm512_min_ps(a.v, b.v)}; }
inline VecF abs(VecF a) { return {_mm512_abs_ps(a.v)}; }
inline VecF with_sign_of(VecF magnitude, VecF sign) {
  const __m512 bit = _mm512_set1_ps(-0.0f);
  return {_mm512_or_ps(_mm512_andnot_ps(bit, magnitude.v), _mm512_and_ps(bit, sign.v))};
}
inline VecF round(VecF a) {
  return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
}
inline Mask less(VecF a, VecF b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ)}; }
inline bool any(Mask m) { return m.m != 0; }
inline VecF select(Mask m, VecF yes, VecF no) { return {_mm512_mask_blend_ps(m.m, no.v, yes.v)}; }
// a * 2^n for whole n; rounds once where the result is subnormal.
inline VecF scale_by_power(VecF a, VecF n) { return {_mm512_scalef_ps(a.v, n.v)}; }
// Lane i of the result is lane i^1.
inline VecF swap_pairs(VecF a) { return {_mm512_permute_ps(a.v, 0xB1)}; }
// Lanes lo <= first + lane <= hi.
inline Mask lanes_between(int64_t first, int64_t lo, int64_t hi) {
  const __m512i lane =
      _mm512_add_epi32(_mm512_set1_epi32(static_cast<int>(first)),
                       _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
  const __mmask16 from = _mm512_cmpge_epi32_mask(lane, _mm512_set1_epi32(static_cast<int>(lo)));
  return {_mm512_mask_cmple_epi32_mask(from, lane, _mm512_set1_epi32(static_cast<int>(hi)))};
}
inline float first_lane(VecF a) { return _mm512_cvtss_f32(a.v); }

template <class Op>
inline float reduce(VecF a, Op op) {  // halves, quarters, … : one fixed order
  const __m256 h = op(_mm512_castps512_ps256(a.v), _mm512_extractf32x8_ps(a.v, 1));
  const __m128 q = op(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
  const __m128 d = op(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(op(d, _mm_movehdup_ps(d)));
}

inline VecD set1_d(double x) { return {_mm512_set1_pd(x)}; }
inline VecD count_from(double x) {
  return {_mm512_add_pd(_mm512_set1_pd(x), _mm512_setr_pd(0, 1, 2, 3, 4, 5, 6, 7))};
}
inline VecD load(const double* p) { return {_mm512_loadu_pd(p)}; }
inline void store(double* p, VecD a) { _mm512_storeu_pd(p, a.v); }
inline void store_rounded(float* p, VecD a) { _mm256_storeu_ps(p, _mm512_cvtpd_ps(a.v)); }
inline VecD operator+(VecD a, VecD b) { return {_mm512_add_pd(a.v, b.v)}; }
inline VecD operator-(VecD a, VecD b) { return {_mm512_sub_pd(a.v, b.v)}; }
inline VecD operator*(VecD a, VecD b) { return {_mm512_mul_pd(a.v, b.v)}; }
inline VecD fma(VecD a, VecD b, VecD c) { return {_mm512_fmadd_pd(a.v, b.v, c.v)}; }
inline VecD fnma(VecD a, VecD b, VecD c) { return {_mm512_fnmadd_pd(a.v, b.v, c.v)}; }
// `shifted` is 1.5*2^52 + n: its low bits are the whole number n.
inline VecD scale_by_power(VecD a, VecD shifted) {
  const __m512i n = _mm512_slli_epi64(_mm512_castpd_si512(shifted.v), 52);
  return {_mm512_castsi512_pd(_mm512_add_epi64(_mm512_castpd_si512(a.v), n))};
}
// sine and cosine of r turned by n quarters.
inline void turn_quarters(VecD shifted, VecD& sine, VecD& cosine) {
  const __m512i n = _mm512_castpd_si512(shifted.v), one = _mm512_set1_epi64(1);
  const __mmask8 odd = _mm512_test_epi64_mask(n, one);
  const __m512i bit = _mm512_set1_epi64(2);
  const __m512i s = _mm512_slli_epi64(_mm512_and_si512(n, bit), 62);
  const __m512i c = _mm512_slli_epi64(_mm512_and_si512(_mm512_add_epi64(n, one), bit), 62);
  const __m512d swapped_s = _mm512_mask_blend_pd(odd, sine.v, cosine.v);
  const __m512d swapped_c = _mm512_mask_blend_pd(odd, cosine.v, sine.v);
  sine.v = _mm512_xor_pd(swapped_s, _mm512_castsi512_pd(s));
  cosine.v = _mm512_xor_pd(swapped_c, _mm512_castsi512_pd(c));
}

}  // namespace tenon::cpu::simd
