// Attention of lines (one query row of one head each) over tiles of 64 stored positions, with the
// online softmax of arXiv:2205.14135. What a line computes depends on its own query, position and
// visible cache only: grouping lines shares loads and changes no bit.
//   Positions are cut into chunks of k_chunk; each chunk starts afresh and chunks are merged in
//   order, so that several workers may share one long row and still give the same bits.
#pragma once

#include <tenon/abi/ops.h>

#include <cstring>

#include "backends/cpu/fast/ops/kv_tiles.hpp"
#include "backends/cpu/fast/ops/tile_product.hpp"

namespace tenon::cpu {

inline constexpr int64_t k_chunk_pages = 4;
inline constexpr int64_t k_chunk = k_chunk_pages * k_page;

inline int64_t padded_width(int64_t n) { return (n + 15) / 16 * 16; }

// What a line has seen: the largest score, sum of exp(score - max), sum of exp(…)*v. In scratch:
// max, sum, then the values from k_header on.
struct Partial {
  static constexpr int64_t k_header = 16;
  float* at;

  static int64_t floats(int64_t dv) { return k_header + padded_width(dv); }
  float& max() const { return at[0]; }
  float& sum() const { return at[1]; }
  float* values() const { return at + k_header; }
  void clear(int64_t dv) const {
    std::memset(at, 0, static_cast<size_t>(floats(dv)) * sizeof(float));
    max() = -simd::k_infinity;
  }
};

// The larger one; a NaN in b comes through, so that it reaches the output.
inline float larger(float a, float b) { return a > b ? a : b; }

// What was summed so far, times `factor`.
inline void rescale(int64_t dv, const Partial& part, float factor) {
  part.sum() *= factor;
  const VecF f = simd::set1(factor);
  float* values = part.values();
  for (int64_t i = 0; i < dv; i += simd::k_width)
    simd::store(values + i, simd::load(values + i) * f);
}

// total becomes total and then `next`.
inline void merge(int64_t dv, const Partial& total, const Partial& next) {
  if (next.max() == -simd::k_infinity) return;
  if (total.max() == -simd::k_infinity) {
    std::memcpy(total.at, next.at, static_cast<size_t>(Partial::floats(dv)) * sizeof(float));
    return;
  }
  const float top = larger(total.max(), next.max());
  const float gain = simd::exp(next.max() - top);
  rescale(dv, total, simd::exp(total.max() - top));
  total.max() = top;
  total.sum() += next.sum() * gain;
  const VecF g = simd::set1(gain);
  float* values = total.values();
  for (int64_t i = 0; i < dv; i += simd::k_width)
    simd::store(values + i, simd::fma(simd::load(next.values() + i), g, simd::load(values + i)));
}

// The row of the output; a sink only widens the divisor. Nothing seen gives zeros.
inline void finish(int64_t dv, const Partial& seen, const float* sink, float* out) {
  if (seen.max() == -simd::k_infinity) return std::fill(out, out + dv, 0.0f);
  float divisor = seen.sum(), factor = 1.0f;
  if (sink != nullptr) {
    const float top = larger(*sink, seen.max());
    factor = simd::exp(seen.max() - top);
    divisor = divisor * factor + simd::exp(*sink - top);
  }
  const VecF f = simd::set1(factor / divisor);
  simd::map(
      dv, out, [=](auto v) { return v * f; }, seen.values());
}

struct Line {
  const float* query;
  float* scores;      // 64
  Partial chunk;      // of the chunk at hand
  int64_t low, high;  // visible positions, high < low: none
};

// The part of a tile that a line sees, as lanes.
struct Lanes {
  int64_t low, high;
  bool empty() const { return high < low; }
};
inline Lanes lanes_of(const Line& line, int64_t tile) {
  return {std::max<int64_t>(0, line.low - tile * k_page),
          std::min<int64_t>(k_page - 1, line.high - tile * k_page)};
}

// Scores to weights: scale, cap, hide, then exp(score - max); lanes out of sight become 0, whatever
// they hold. False: every score is -infinity and the tile adds nothing.
inline bool weigh(const Line& line, Lanes seen, const tn_attention_params& p, int64_t dv) {
  constexpr int n = static_cast<int>(k_page / simd::k_width);
  VecF s[n], top = simd::set1(-simd::k_infinity);
  for (int v = 0; v < n; ++v) {
    s[v] = simd::load(line.scores + v * simd::k_width) * simd::set1(p.scale);
    if (p.softcap > 0) s[v] = simd::tanh(s[v] / simd::set1(p.softcap)) * simd::set1(p.softcap);
    s[v] = simd::select(simd::lanes_between(v * simd::k_width, seen.low, seen.high), s[v],
                        simd::set1(-simd::k_infinity));
    top = simd::max(top, s[v]);
  }
  const float old = line.chunk.max(), now = larger(old, simd::reduce_max(top));
  if (now == -simd::k_infinity) return false;
  VecF sums[4] = {simd::set1(0), simd::set1(0), simd::set1(0), simd::set1(0)};
  for (int v = 0; v < n; ++v) {
    const VecF weight = simd::exp(s[v] - simd::set1(now));
    simd::store(line.scores + v * simd::k_width, weight);
    sums[v % 4] = sums[v % 4] + weight;
  }
  if (now > old) rescale(dv, line.chunk, simd::exp(old - now));
  line.chunk.max() = now;
  line.chunk.sum() += simd::reduce_add((sums[0] + sums[1]) + (sums[2] + sums[3]));
  return true;
}

}  // namespace tenon::cpu
