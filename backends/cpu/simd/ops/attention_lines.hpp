// Attention of lines (one query row of one head each) over tiles of 64 stored positions, with the
// online softmax of arXiv:2205.14135. What a line computes depends on its own query, position and
// visible cache only: grouping lines shares loads and changes no bit.
//   Positions are cut into chunks of k_chunk; each chunk starts afresh and chunks are merged in
//   order, so that several workers may share one long row and still give the same bits.
#pragma once

#include <tenon/abi/ops.h>

#include <cstring>

#include "backends/cpu/simd/ops/attention_product.hpp"
#include "backends/cpu/simd/ops/kv_tiles.hpp"

namespace tenon::cpu::attention {

inline constexpr int64_t k_chunk_pages = 4;
inline constexpr int64_t k_chunk = k_chunk_pages * k_page;

inline int64_t padded_width(int64_t n) { return (n + 15) / 16 * 16; }

// What a line has seen: the largest score, sums of exp(score - max) by lane, sums of exp(…)*v. In
// scratch: the sums by lane, the max, then from k_header on the values.
struct Partial {
  static constexpr int64_t k_max = 16, k_header = 32;
  float* at;

  static int64_t floats(int64_t dv) { return k_header + padded_width(dv); }
  float& max() const { return at[k_max]; }
  VecF sums() const { return simd::load(at); }
  void set_sums(VecF sums) const { simd::store(at, sums); }
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
  const VecF f = simd::set1(factor);
  part.set_sums(part.sums() * f);
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
  const float old = total.max(), top = larger(old, next.max());
  const float gain = next.max() < top ? simd::exp(next.max() - top) : 1.0f;
  if (!(old == top)) rescale(dv, total, simd::exp(old - top));
  total.max() = top;
  const VecF g = simd::set1(gain);
  total.set_sums(simd::fma(next.sums(), g, total.sums()));
  float* values = total.values();
  for (int64_t i = 0; i < dv; i += simd::k_width)
    simd::store(values + i, simd::fma(simd::load(next.values() + i), g, simd::load(values + i)));
}

// The row of the output; a sink only widens the divisor. Nothing seen gives zeros.
inline void finish(int64_t dv, const Partial& seen, const float* sink, float* out) {
  if (seen.max() == -simd::k_infinity) return std::fill(out, out + dv, 0.0f);
  float divisor = simd::reduce_add(seen.sums()), factor = 1.0f;
  if (sink != nullptr) {
    const float top = larger(*sink, seen.max());
    factor = simd::exp(seen.max() - top);
    divisor = divisor * factor + simd::exp(*sink - top);
  }
  const VecF f = simd::set1(factor / divisor);
  simd::map(
      dv, out, [=](auto v) { return v * f; }, seen.values());
}

// A range of the lanes of a tile.
struct Lanes {
  int64_t low, high;
  bool empty() const { return high < low; }
  bool full() const { return low == 0 && high == k_page - 1; }
};

struct Line {
  const float* query;
  float* scores;      // 64
  Partial chunk;      // of the chunk at hand
  int64_t low, high;  // visible positions, high < low: none
  Lanes seen;         // in the tile at hand
};

inline Lanes lanes_of(const Line& line, int64_t tile) {
  return {std::max<int64_t>(0, line.low - tile * k_page),
          std::min<int64_t>(k_page - 1, line.high - tile * k_page)};
}

struct ScoreVectors {
  static constexpr size_t n = k_page / simd::k_width;
  VecF v[n];
};

// Scaled and capped scores, -infinity for lanes out of sight, whatever they hold.
inline ScoreVectors visible_scores(const Line& line, const tn_attention_params& p) {
  ScoreVectors s;
  const VecF scale = simd::set1(p.scale);
  for (size_t i = 0; i < s.n; ++i) s.v[i] = simd::load(line.scores + i * simd::k_width) * scale;
  if (p.softcap > 0)
    for (VecF& v : s.v) v = simd::tanh(v / simd::set1(p.softcap)) * simd::set1(p.softcap);
  if (line.seen.full()) return s;
  for (size_t i = 0; i < s.n; ++i) {
    const auto first = static_cast<int64_t>(i) * simd::k_width;
    s.v[i] = simd::select(simd::lanes_between(first, line.seen.low, line.seen.high), s.v[i],
                          simd::set1(-simd::k_infinity));
  }
  return s;
}

// max(old, s): the reduction is only needed where it grows.
inline float grown_max(float old, const ScoreVectors& s) {
  VecF top = s.v[0];
  for (size_t i = 1; i < s.n; ++i) top = simd::max(top, s.v[i]);
  const bool grows = old == -simd::k_infinity || simd::any(simd::less(simd::set1(old), top));
  return grows ? larger(old, simd::reduce_max(top)) : old;
}

// Scores to weights exp(score - max). A tile whose scores are all -infinity becomes unseen.
inline void weigh(Line& line, const tn_attention_params& p, int64_t dv) {
  const ScoreVectors s = visible_scores(line, p);
  const Partial part = line.chunk;
  const float old = part.max(), now = grown_max(old, s);
  if (now == -simd::k_infinity) {
    line.seen = {0, -1};
    return;
  }
  if (now > old) rescale(dv, part, simd::exp(old - now));
  VecF sums = part.sums();
  for (size_t i = 0; i < s.n; ++i) {
    const VecF weight = simd::exp(s.v[i] - simd::set1(now));
    simd::store(line.scores + i * simd::k_width, weight);
    sums = sums + weight;
  }
  part.set_sums(sums);
  part.max() = now;
}

}  // namespace tenon::cpu::attention
