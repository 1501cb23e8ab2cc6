// Sampler: logits to a token, one per request.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "framework/base/results.hpp"
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

  // The least of which sample() draws the next token as it would from all logits.
  Results results() const;
  // The tokens whose logits candidates must hold whatever these are; the rest is -1.
  void list(std::span<TokenId> ids) const;
  // From whichever of the results there are. Errors: those of sample().
  Result<TokenId> sample(const RowResults& row);

  // Tells the penalties about a token, of the prompt or of the answer.
  // Ids out of range are ignored.
  void accept(TokenId id);

  // What sample() and accept() change: a value, so that drafts that were refused can be taken back
  // and a sequence can go on elsewhere with the same draws.
  struct State {
    std::uint64_t draws = 0;
    RecentTokens recent;
  };
  State state() const { return {draws_, recent_}; }
  // The state must be of a sampler with the same parameters and vocabulary.
  void restore(const State& state) {
    draws_ = state.draws;
    recent_ = state.recent;
  }

  std::uint64_t seed() const { return seed_; }
  const SamplingParams& params() const { return params_; }

 private:
  Sampler(const SamplingParams& params, std::size_t vocab_size);
  Result<LogitBlocks> take_logits(std::span<const float> logits);
  std::size_t count_listed() const;
  Status check_ids(std::span<const TokenId> ids) const;
  Result<TokenId> take_best(std::span<const TokenId> token) const;
  Result<TokenId> take_candidates(std::span<const TokenId> ids, std::span<const float> values);
  TokenId choose(Candidates candidates);
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
