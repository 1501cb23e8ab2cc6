// LogitBlocks: a vocabulary of logits with the best of each block of 64, so that most of it is
// passed over unread. Loops are written over fixed lanes, which compilers turn into vectors.
#pragma once

#include <cstddef>
#include <span>

#include "framework/sampling/candidates.hpp"

namespace tenon {

class LogitBlocks {
 public:
  static constexpr std::size_t k_block = 64;
  static std::size_t count(std::size_t n_logits) { return (n_logits + k_block - 1) / k_block; }

  // Reads all logits once. `maxima` has count(logits.size()) places.
  LogitBlocks(std::span<const float> logits, std::span<float> maxima);

  bool finite() const { return finite_; }  // no NaN and no infinity
  float max() const { return max_; }
  std::size_t size() const { return logits_.size(); }
  std::size_t n_blocks() const { return maxima_.size(); }
  float block_max(std::size_t b) const { return maxima_[b]; }
  std::span<const float> block(std::size_t b) const {
    return logits_.subspan(b * k_block, std::min(k_block, logits_.size() - b * k_block));
  }
  std::span<const float> maxima() const { return maxima_; }

 private:
  std::span<const float> logits_;
  std::span<float> maxima_;
  bool finite_ = true;
  float max_ = 0;
};

// Sums over all tokens of their weights exp(logit - max), in float
// within a block of 64 and in double beyond: to 1e-6.
double total_weight(const LogitBlocks& logits);
Whole measure(const LogitBlocks& logits);
// At a temperature: the weight of each block, and the weights of the tokens of one.
double block_weights(const LogitBlocks& logits, float temperature, std::span<double> weights);
void token_weights(const LogitBlocks& logits, std::size_t block, float temperature,
                   std::span<float, LogitBlocks::k_block> weights);

// Writes the tokens with low <= logit <= high to `out`, which has room for all,
// in the order of their ids; returns how many.
std::size_t gather(const LogitBlocks& logits, float low, float high, std::span<ScoredToken> out);

// Writes the `k` best logits to `out`, best first; 1 <= k <= out.size(), k <= logits.size().
void select_top_k(const LogitBlocks& logits, std::size_t k, std::span<ScoredToken> out);

}  // namespace tenon
