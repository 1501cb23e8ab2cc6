// One query head of one row over the keys and values it sees, as attention.glsl computes it: splits of
// 256 positions at absolute positions, merged in order.
#pragma once

#include <span>
#include <vector>

#include "functions.hpp"
#include "lanes.hpp"

namespace tenon::gpu::mirror {

// What a head reads: rows of the cache by position, from `begin` to `end`-1.
struct Visible {
  std::size_t begin, end;
  std::vector<std::vector<float>> keys, values;  // element 0 is position `begin`
};

struct AttentionRule {
  float scale, softcap;  // softcap 0: none
  const float* sink;     // NULL: none
};

struct Part {
  float largest = -3.0e38f, sum = 0.0f;
  std::vector<float> mixed;
};

inline Part merged(const Part& a, const Part& b) {
  Part all;
  all.largest = b.largest > a.largest ? b.largest : a.largest;
  const float share_a = exponential(a.largest - all.largest);
  const float share_b = exponential(b.largest - all.largest);
  all.sum = a.sum * share_a + b.sum * share_b;
  for (std::size_t i = 0; i < a.mixed.size(); ++i)
    all.mixed.push_back(a.mixed[i] * share_a + b.mixed[i] * share_b);
  return all;
}

// Scores of the positions of a split, by lane; lanes that see nothing keep what is below all.
inline Lanes scores(const std::vector<float>& q, const Visible& seen, std::size_t first,
                    const AttentionRule& rule) {
  Lanes lanes;
  lanes.fill(-3.0e38f);
  for (std::size_t at = std::max(first, seen.begin); at < std::min(first + 256, seen.end); ++at) {
    float sum = 0.0f;
    for (std::size_t i = 0; i < q.size(); ++i) sum = sum + q[i] * seen.keys[at - seen.begin][i];
    lanes[at - first] = rule.softcap == 0.0f ? sum : softcap(sum, rule.softcap);
  }
  return lanes;
}

// Positions are cut into slices, whose sums are added in order.
inline float mix(const Lanes& weights, const Visible& seen, std::size_t first, std::size_t dv,
                 std::size_t channel) {
  const std::size_t slices = dv < 16 ? 16 : 256 / dv, slice = (256 + slices - 1) / slices;
  float mixed = 0.0f;
  for (std::size_t s = 0; s < slices; ++s) {
    float sum = 0.0f;
    for (std::size_t lane = s * slice; lane < std::min<std::size_t>(256, (s + 1) * slice); ++lane) {
      const std::size_t at = first + lane;
      if (at < seen.begin || at >= seen.end) continue;
      sum = sum + weights[lane] * seen.values[at - seen.begin][channel];
    }
    mixed = mixed + sum;
  }
  return mixed;
}

inline Part part_of(const std::vector<float>& q, const Visible& seen, std::size_t first,
                    std::size_t dv, const AttentionRule& rule) {
  Lanes lanes = scores(q, seen, first, rule);
  Part part;
  part.largest = largest_of_lanes(lanes);
  for (std::size_t lane = 0; lane < 256; ++lane) {
    const bool visible = first + lane >= seen.begin && first + lane < seen.end;
    lanes[lane] = visible ? exponential(lanes[lane] - part.largest) : 0.0f;
  }
  part.sum = sum_of_lanes(lanes);
  for (std::size_t c = 0; c < dv; ++c) part.mixed.push_back(mix(lanes, seen, first, dv, c));
  return part;
}

inline std::vector<float> attention(std::vector<float> q, const Visible& seen, std::size_t dv,
                                    const AttentionRule& rule) {
  if (seen.end <= seen.begin) return std::vector<float>(dv, 0.0f);
  for (float& x : q) x = x * rule.scale;
  Part all;
  all.mixed.assign(dv, 0.0f);
  for (std::size_t first = seen.begin / 256 * 256; first < seen.end; first += 256)
    all = merged(all, part_of(q, seen, first, dv, rule));
  if (rule.sink != nullptr) {
    Part sink{*rule.sink, 1.0f, {}};
    sink.mixed.assign(dv, 0.0f);
    all = merged(all, sink);
  }
  for (float& x : all.mixed) x = divide(x, all.sum);
  return all.mixed;
}

}  // namespace tenon::gpu::mirror
