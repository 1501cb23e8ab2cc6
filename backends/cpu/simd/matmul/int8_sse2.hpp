// int8_vec.hpp for every x86-64 machine (SSE2): 4 rows of four bytes in a vector.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "backends/cpu/simd/simd.hpp"

namespace tenon::cpu::int8 {

inline constexpr int64_t k_bytes = 16;        // in a vector
inline constexpr unsigned k_columns = 4;      // 4 integer and 4 f32 sums in 16 registers
inline constexpr unsigned k_alone_tiles = 4;  // vectors of rows in flight for one column

struct Bytes {
  __m128i v;
};

inline Bytes load(const std::byte* p) {
  return {_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))};
}
inline Bytes load(const uint8_t* p) { return load(reinterpret_cast<const std::byte*>(p)); }
inline void store(uint8_t* p, Bytes b) { _mm_storeu_si128(reinterpret_cast<__m128i*>(p), b.v); }
inline Bytes repeat(int b) { return {_mm_set1_epi8(static_cast<char>(b))}; }
inline Bytes operator&(Bytes a, Bytes b) { return {_mm_and_si128(a.v, b.v)}; }
inline Bytes operator|(Bytes a, Bytes b) { return {_mm_or_si128(a.v, b.v)}; }
inline Bytes operator-(Bytes a, Bytes b) { return {_mm_sub_epi8(a.v, b.v)}; }
// Of 16-bit pairs: the caller masks what comes from the neighbour.
inline Bytes shift_right(Bytes b, int n) { return {_mm_srl_epi16(b.v, _mm_cvtsi32_si128(n))}; }
inline Bytes shift_left4(Bytes b) { return {_mm_slli_epi16(b.v, 4)}; }
// `added` where the bit `mask` is set in `bits`.
inline Bytes if_bit(Bytes bits, Bytes mask, Bytes added) {
  return Bytes{_mm_cmpeq_epi8((bits & mask).v, mask.v)} & added;
}
// Table of 16 bytes, indices 0 … 15: one by one, as SSE2 has no shuffle of bytes.
inline Bytes table_of(const int8_t (&t)[16]) {
  return {_mm_loadu_si128(reinterpret_cast<const __m128i*>(t))};
}
inline Bytes look_up(Bytes table, Bytes indices) {
  uint8_t from[16], at[16];
  store(from, table);
  store(at, indices);
  for (uint8_t& byte : at) byte = from[byte & 15];
  return load(at);
}
inline Bytes low_nibbles(Bytes b) { return b & repeat(15); }
inline Bytes high_nibbles(Bytes b) { return low_nibbles(shift_right(b, 4)); }

// Bytes of a row in 16 bits each: the first and third, the second and fourth.
struct Words {
  __m128i even, odd;
};
inline Words signed_words(__m128i b) {
  return {_mm_srai_epi16(_mm_slli_epi16(b, 8), 8), _mm_srai_epi16(b, 8)};
}
inline Words unsigned_words(__m128i b) {
  return {_mm_and_si128(b, _mm_set1_epi16(255)), _mm_srli_epi16(b, 8)};
}

// Sums of weights times signed activations over half a block, in 32 bits.
template <bool Signed>
struct Dot {
  __m128i sum;
  static Dot start(int32_t) { return {_mm_setzero_si128()}; }
  static Bytes prepare(Bytes w) { return w; }
  void add(Bytes w, const int8_t* a) {
    int32_t four;
    std::memcpy(&four, a, 4);
    const Words x = signed_words(_mm_set1_epi32(four));
    const Words y = Signed ? signed_words(w.v) : unsigned_words(w.v);
    sum = _mm_add_epi32(
        sum, _mm_add_epi32(_mm_madd_epi16(y.even, x.even), _mm_madd_epi16(y.odd, x.odd)));
  }
  simd::VecF total() const { return {_mm_cvtepi32_ps(sum)}; }
};
using DotU5 = Dot<false>;
using DotS6 = Dot<true>;
using DotS8 = Dot<true>;

// 16 activations: largest magnitude, then rounded bytes and their sum. A NaN is the largest.
struct Activations {
  __m128 x[4];
  static Activations load(const float* p) {
    return {{_mm_loadu_ps(p), _mm_loadu_ps(p + 4), _mm_loadu_ps(p + 8), _mm_loadu_ps(p + 12)}};
  }
  __m128i magnitude(int i) const {
    return _mm_and_si128(_mm_castps_si128(x[i]), _mm_set1_epi32(0x7fffffff));
  }
  static __m128i larger(__m128i a, __m128i b) {
    const __m128i first = _mm_cmpgt_epi32(a, b);
    return _mm_or_si128(_mm_and_si128(first, a), _mm_andnot_si128(first, b));
  }
  int32_t largest_bits() const {
    __m128i four = larger(larger(magnitude(0), magnitude(1)), larger(magnitude(2), magnitude(3)));
    four = larger(four, _mm_shuffle_epi32(four, 0x4E));
    return _mm_cvtsi128_si32(larger(four, _mm_shuffle_epi32(four, 0xB1)));
  }
  int32_t round(float inverse, int8_t* q) const {
    __m128i whole[4];
    for (int i = 0; i < 4; ++i) whole[i] = _mm_cvtps_epi32(_mm_mul_ps(x[i], _mm_set1_ps(inverse)));
    const __m128i low = _mm_packs_epi32(whole[0], whole[1]);
    const __m128i high = _mm_packs_epi32(whole[2], whole[3]);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(q), _mm_packs_epi16(low, high));
    __m128i four =
        _mm_add_epi32(_mm_add_epi32(whole[0], whole[1]), _mm_add_epi32(whole[2], whole[3]));
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(four, _mm_shuffle_epi32(four, 0xB1)));
  }
};

}  // namespace tenon::cpu::int8
