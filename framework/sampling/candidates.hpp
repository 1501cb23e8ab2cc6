// Candidates: the tokens still in play while one is being chosen.
#pragma once

#include <cstddef>
#include <span>

#include "framework/base/token.hpp"

namespace tenon {

struct ScoredToken {
  TokenId id;
  float logit;
};

// The order of candidates: higher logits first, of equal ones the lower id.
struct BetterCandidate {
  bool operator()(const ScoredToken& a, const ScoredToken& b) const {
    return a.logit != b.logit ? a.logit > b.logit : a.id < b.id;
  }
};

// A view of the sampler's buffers. The first `sorted` items are the best ones in order.
struct Candidates {
  std::span<ScoredToken> items;
  std::size_t sorted = 0;
  std::span<double> weights;  // scratch, at least as long as items

  // Puts at least the `n` best items in order at the front.
  void sort_front(std::size_t n);
  float max_logit();
  // weights[i] = exp(logit[i] - max); returns their sum.
  double softmax_weights();
};

}  // namespace tenon
