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

// What all candidates weigh together, where those that no filter would keep
// were left out of the items already.
struct Whole {
  double weight = 0;          // 0: nothing was left out
  double expected_logit = 0;  // the mean of the logits under the softmax
};

// A view of the sampler's buffers. The items are in no particular order,
// but always in the same one for the same logits.
struct Candidates {
  std::span<ScoredToken> items;
  std::span<double> weights;  // scratch, at least as long as items
  float reference;            // a weight is exp(logit - reference); no logit is above it
  Whole whole = {};
  double weighed = 0;  // the sum of the weights while they are those of the items; 0: they are not

  float max_logit() const;
  // Sets weights[i], unless they are; returns their sum.
  double weigh();
  // The same figures for the whole vocabulary; what was left out of the items counts too.
  Whole measure();
  // Leaves the first n items, at least one.
  void shorten(std::size_t n);
};

}  // namespace tenon
