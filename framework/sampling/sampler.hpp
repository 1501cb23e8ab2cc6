// Sampler: logits to a token, one per request.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "framework/sampling/recent_tokens.hpp"
#include "framework/sampling/selection.hpp"

namespace tenon {

// Allocates when created and never again. The same seed, parameters, logits and accepted tokens
// give the same tokens: draw i of a request uses number i of the Philox stream of its seed.
class Sampler {
 public:
  static Result<Sampler> create(const SamplingParams& params, std::size_t vocab_size);

  // Errors: "non_finite_logits" when the model produced NaN or infinity; logits of another length.
  Result<TokenId> sample(std::span<const float> logits);

  // Tells the penalties about a token, of the prompt or of the answer.
  // Ids out of range are ignored.
  void accept(TokenId id);

  std::uint64_t seed() const { return seed_; }
  const SamplingParams& params() const { return params_; }

 private:
  Sampler(const SamplingParams& params, std::size_t vocab_size);
  Result<LogitBlocks> take_logits(std::span<const float> logits);
  TokenId draw_from_all(const LogitBlocks& logits);
  TokenId draw(Candidates candidates);
  double random();

  SamplingParams params_;
  std::size_t vocab_size_;
  std::uint64_t seed_;
  std::uint64_t draws_ = 0;
  RecentTokens recent_;
  std::vector<float> changed_;  // the logits after bias and penalties; empty without these
  std::vector<float> maxima_;   // of the blocks of logits
  Selection selection_;
};

}  // namespace tenon
