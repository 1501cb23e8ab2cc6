// tn.attention of one query head in double, over the keys and values it sees.
#pragma once

#include <cmath>
#include <optional>
#include <span>
#include <vector>

#include "softmax.hpp"

namespace tenon::oracle {

using Rows = std::vector<std::span<const double>>;

struct AttentionRule {
  double scale = 1, softcap = 0;
  std::optional<double> sink = {};
};

inline std::vector<double> attention(const std::vector<double>& q, const Rows& keys,
                                     const Rows& values, std::size_t dv,
                                     const AttentionRule& rule) {
  std::vector<double> out(dv, 0.0), scores;
  for (const auto& key : keys) {
    double score = 0;
    for (std::size_t i = 0; i < q.size(); ++i) score += q[i] * key[i];
    score *= rule.scale;
    scores.push_back(rule.softcap > 0 ? rule.softcap * std::tanh(score / rule.softcap) : score);
  }
  if (scores.empty()) return out;
  if (rule.sink) scores.push_back(*rule.sink);  // takes a share, gives no value
  const auto weights = softmax(scores);
  for (std::size_t j = 0; j < values.size(); ++j) {
    for (std::size_t i = 0; i < dv; ++i) out[i] += weights[j] * values[j][i];
  }
  return out;
}

}  // namespace tenon::oracle
