// int8_vec.hpp for AVX2: 8 rows of four bytes in a vector, half of an interleaved group.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "backends/cpu/simd/simd.hpp"

namespace tenon::cpu::int8 {

inline constexpr int64_t k_bytes = 32;        // in a vector
inline constexpr unsigned k_columns = 4;      // 4 integer and 4 f32 sums in 16 registers
inline constexpr unsigned k_alone_tiles = 2;  // vectors of rows in flight for one column

struct Bytes {
  __m256i v;
};

inline Bytes load(const std::byte* p) {
  return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))};
}
inline Bytes load(const uint8_t* p) { return load(reinterpret_cast<const std::byte*>(p)); }
inline void store(uint8_t* p, Bytes b) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), b.v); }
inline Bytes repeat(int b) { return {_mm256_set1_epi8(static_cast<char>(b))}; }
inline Bytes operator&(Bytes a, Bytes b) { return {_mm256_and_si256(a.v, b.v)}; }
inline Bytes operator|(Bytes a, Bytes b) { return {_mm256_or_si256(a.v, b.v)}; }
inline Bytes operator-(Bytes a, Bytes b) { return {_mm256_sub_epi8(a.v, b.v)}; }
// Of 16-bit pairs: the caller masks what comes from the neighbour.
inline Bytes shift_right(Bytes b, int n) { return {_mm256_srl_epi16(b.v, _mm_cvtsi32_si128(n))}; }
inline Bytes shift_left4(Bytes b) { return {_mm256_slli_epi16(b.v, 4)}; }
// `added` where the bit `mask` is set in `bits`.
inline Bytes if_bit(Bytes bits, Bytes mask, Bytes added) {
  return Bytes{_mm256_cmpeq_epi8((bits & mask).v, mask.v)} & added;
}
// Table of 16 bytes, indices 0 … 15.
inline Bytes table_of(const int8_t (&t)[16]) {
  return {_mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(t)))};
}
inline Bytes look_up(Bytes table, Bytes indices) {
  return {_mm256_shuffle_epi8(table.v, indices.v)};
}
inline Bytes low_nibbles(Bytes b) { return {_mm256_and_si256(b.v, _mm256_set1_epi8(15))}; }
inline Bytes high_nibbles(Bytes b) { return low_nibbles({_mm256_srli_epi16(b.v, 4)}); }

inline __m256i broadcast4(const int8_t* a) {
  int32_t four;
  std::memcpy(&four, a, 4);
  return _mm256_set1_epi32(four);
}
inline __m256i add_pairs(__m256i sums) { return _mm256_madd_epi16(sums, _mm256_set1_epi16(1)); }

// Sums of unsigned weights up to 31 times signed activations over half a block. They stay in 16
// bits: 4 pairs of at most 2*31*127.
struct DotU5 {
  __m256i sum;
  static DotU5 start(int32_t) { return {_mm256_setzero_si256()}; }
  static Bytes prepare(Bytes w) { return w; }
  void add(Bytes w, const int8_t* a) {
    sum = _mm256_add_epi16(sum, _mm256_maddubs_epi16(w.v, broadcast4(a)));
  }
  simd::VecF total() const { return {_mm256_cvtepi32_ps(add_pairs(sum))}; }
};

// The same for signed 8-bit weights. The sign moves to the activation, so that a pair is at most
// 2*128*127 and does not saturate.
struct DotS8 {
  __m256i sum;
  static DotS8 start(int32_t) { return {_mm256_setzero_si256()}; }
  static Bytes prepare(Bytes w) { return w; }
  void add(Bytes w, const int8_t* a) {
    const __m256i signed_a = _mm256_sign_epi8(broadcast4(a), w.v);
    sum = _mm256_add_epi32(sum, add_pairs(_mm256_maddubs_epi16(_mm256_abs_epi8(w.v), signed_a)));
  }
  simd::VecF total() const { return {_mm256_cvtepi32_ps(sum)}; }
};

// The same for signed weights of magnitude up to 32: 4 pairs of at most 2*32*127 stay in 16 bits.
struct DotS6 {
  __m256i sum;
  static DotS6 start(int32_t) { return {_mm256_setzero_si256()}; }
  static Bytes prepare(Bytes w) { return w; }
  void add(Bytes w, const int8_t* a) {
    const __m256i signed_a = _mm256_sign_epi8(broadcast4(a), w.v);
    sum = _mm256_add_epi16(sum, _mm256_maddubs_epi16(_mm256_abs_epi8(w.v), signed_a));
  }
  simd::VecF total() const { return {_mm256_cvtepi32_ps(add_pairs(sum))}; }
};

inline __m128i halve(__m256i a, __m128i (*op)(__m128i, __m128i)) {
  return op(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
}

// 16 activations: largest magnitude, then rounded bytes and their sum. A NaN is the largest.
struct Activations {
  __m256 x[2];
  static Activations load(const float* p) { return {{_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}}; }
  __m256i magnitude(int i) const {
    return _mm256_and_si256(_mm256_castps_si256(x[i]), _mm256_set1_epi32(0x7fffffff));
  }
  int32_t largest_bits() const {
    __m128i four = halve(_mm256_max_epi32(magnitude(0), magnitude(1)),
                         [](__m128i a, __m128i b) { return _mm_max_epi32(a, b); });
    four = _mm_max_epi32(four, _mm_shuffle_epi32(four, 0x4E));
    return _mm_cvtsi128_si32(_mm_max_epi32(four, _mm_shuffle_epi32(four, 0xB1)));
  }
  int32_t round(float inverse, int8_t* q) const {
    const __m256 factor = _mm256_set1_ps(inverse);
    const __m256i a = _mm256_cvtps_epi32(_mm256_mul_ps(x[0], factor));
    const __m256i b = _mm256_cvtps_epi32(_mm256_mul_ps(x[1], factor));
    const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(a, b), 0xD8);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(q),
                     halve(words, [](__m128i l, __m128i h) { return _mm_packs_epi16(l, h); }));
    __m128i four =
        halve(_mm256_add_epi32(a, b), [](__m128i l, __m128i r) { return _mm_add_epi32(l, r); });
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(four, _mm_shuffle_epi32(four, 0xB1)));
  }
};

}  // namespace tenon::cpu::int8
