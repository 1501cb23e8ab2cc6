// int8_vec.hpp for AVX-512 VNNI: 16 rows of four bytes in a vector.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "backends/cpu/simd/simd.hpp"

namespace tenon::cpu::int8 {

inline constexpr int64_t k_bytes = 64;        // in a vector
inline constexpr unsigned k_columns = 8;      // 8 integer and 8 f32 sums in 32 registers
inline constexpr unsigned k_alone_tiles = 1;  // vectors of rows in flight for one column

struct Bytes {
  __m512i v;
};

inline Bytes load(const std::byte* p) { return {_mm512_loadu_si512(p)}; }
inline Bytes load(const uint8_t* p) { return {_mm512_loadu_si512(p)}; }
inline void store(uint8_t* p, Bytes b) { _mm512_storeu_si512(p, b.v); }
inline Bytes repeat(int b) { return {_mm512_set1_epi8(static_cast<char>(b))}; }
inline Bytes operator&(Bytes a, Bytes b) { return {_mm512_and_si512(a.v, b.v)}; }
inline Bytes operator|(Bytes a, Bytes b) { return {_mm512_or_si512(a.v, b.v)}; }
inline Bytes operator-(Bytes a, Bytes b) { return {_mm512_sub_epi8(a.v, b.v)}; }
// Of 16-bit pairs: the caller masks what comes from the neighbour.
inline Bytes shift_right(Bytes b, int n) { return {_mm512_srl_epi16(b.v, _mm_cvtsi32_si128(n))}; }
inline Bytes shift_left4(Bytes b) { return {_mm512_slli_epi16(b.v, 4)}; }
// `added` where the bit `mask` is set in `bits`.
inline Bytes if_bit(Bytes bits, Bytes mask, Bytes added) {
  return {_mm512_maskz_mov_epi8(_mm512_test_epi8_mask(bits.v, mask.v), added.v)};
}
// Table of 16 bytes, indices 0 … 15.
inline Bytes table_of(const int8_t (&t)[16]) {
  return {_mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(t)))};
}
inline Bytes look_up(Bytes table, Bytes indices) {
  return {_mm512_shuffle_epi8(table.v, indices.v)};
}
inline Bytes low_nibbles(Bytes b) { return {_mm512_and_si512(b.v, _mm512_set1_epi8(15))}; }
inline Bytes high_nibbles(Bytes b) { return low_nibbles({_mm512_srli_epi16(b.v, 4)}); }

inline __m512i broadcast4(const int8_t* a) {
  int32_t four;
  std::memcpy(&four, a, 4);
  return _mm512_set1_epi32(four);
}
inline simd::VecF to_float(__m512i sums) { return {_mm512_cvtepi32_ps(sums)}; }

// Sums of unsigned weights times signed activations over half a block.
struct DotU5 {
  __m512i sum;
  static DotU5 start(int32_t) { return {_mm512_setzero_si512()}; }
  static Bytes prepare(Bytes w) { return w; }
  void add(Bytes w, const int8_t* a) { sum = _mm512_dpbusd_epi32(sum, w.v, broadcast4(a)); }
  simd::VecF total() const { return to_float(sum); }
};

// The same for signed 8-bit weights: made unsigned by adding 128, which `bias` takes back.
struct DotS8 {
  __m512i sum;
  static DotS8 start(int32_t bias) { return {_mm512_set1_epi32(bias)}; }
  static Bytes prepare(Bytes w) { return {_mm512_xor_si512(w.v, _mm512_set1_epi8(-128))}; }
  void add(Bytes w, const int8_t* a) { sum = _mm512_dpbusd_epi32(sum, w.v, broadcast4(a)); }
  simd::VecF total() const { return to_float(sum); }
};

using DotS6 = DotS8;

// 16 activations: largest magnitude, then rounded bytes and their sum. A NaN is the largest.
struct Activations {
  __m512 x;
  static Activations load(const float* p) { return {_mm512_loadu_ps(p)}; }
  int32_t largest_bits() const {
    return _mm512_reduce_max_epi32(
        _mm512_and_si512(_mm512_castps_si512(x), _mm512_set1_epi32(0x7fffffff)));
  }
  int32_t round(float inverse, int8_t* q) const {
    const __m512i a = _mm512_cvtps_epi32(_mm512_mul_ps(x, _mm512_set1_ps(inverse)));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(q), _mm512_cvtsepi32_epi8(a));
    return _mm512_reduce_add_epi32(a);
  }
};

}  // namespace tenon::cpu::int8
