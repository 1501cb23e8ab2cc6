// From the logits of a whole vocabulary to the candidates that the filters see.
// What no filter would keep is left out at once, so that a step does not pass over the vocabulary
// several times.
#pragma once

#include <vector>

#include "framework/base/results.hpp"
#include "framework/sampling/blocks.hpp"
#include "framework/sampling/sampling_params.hpp"

namespace tenon {

bool is_greedy(const SamplingParams& params);
// Whether the draw is from the softmax of all logits as they are.
bool takes_everything(const SamplingParams& params, std::size_t vocab_size);

// Allocates when created and never again.
class Selection {
 public:
  Selection(const SamplingParams& params, std::size_t vocab_size);

  Candidates select(const SamplingParams& params, const LogitBlocks& logits);
  // How many of the best there will be; all tokens where that is not known before.
  std::size_t k() const { return k_; }
  // The k() best of these tokens, each once; -1 is none. Their logits are `values` or, by token,
  // those of `changed`, which become NaN. As select() where these are what it would find.
  Candidates among(std::span<const TokenId> ids, std::span<const float> values,
                   std::span<float> changed);
  // As many places as there are blocks of logits.
  std::span<double> block_weights() { return weights_; }

 private:
  Candidates best(const LogitBlocks& logits, std::size_t k);
  Candidates typical(const LogitBlocks& logits, double share);
  Candidates likely(const SamplingParams& params, const LogitBlocks& logits);
  Candidates within(const LogitBlocks& logits, double centre, double enough);
  Candidates gathered(const LogitBlocks& logits, float low, float high);

  std::size_t k_;
  std::vector<ScoredToken> items_;
  std::vector<double> weights_;
  std::vector<float> maxima_;
};

}  // namespace tenon
