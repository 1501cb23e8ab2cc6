// Runs the tables of filters.hpp: logit filters, top-k, candidate filters, draw.
#include "framework/sampling/sampler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>

#include "framework/sampling/filters.hpp"
#include "framework/sampling/philox.hpp"

namespace tenon {
namespace {

// Up to here a heap over the logits is the faster way to the best k.
constexpr std::size_t k_max_heap = 1024;

bool is_greedy(const SamplingParams& params) { return params.temperature == 0; }

bool has_penalties(const SamplingParams& params) {
  return params.repeat_penalty != 1 || params.presence_penalty != 0 ||
         params.frequency_penalty != 0;
}

std::size_t top_k_of(const SamplingParams& params, std::size_t vocab_size) {
  if (is_greedy(params)) return 1;
  const auto k = static_cast<std::size_t>(params.top_k);
  return k == 0 ? vocab_size : std::min(k, vocab_size);
}

std::uint64_t random_seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

}  // namespace

Result<Sampler> Sampler::create(const SamplingParams& params, std::size_t vocab_size) {
  if (vocab_size == 0) return fail(ErrorCode::usage, "sampling: the vocabulary is empty");
  if (Status s = validate(params, vocab_size); !s) return fail(s);
  return Sampler(params, vocab_size);
}

Sampler::Sampler(const SamplingParams& params, std::size_t vocab_size)
    : params_(params),
      seed_(params.seed ? *params.seed : random_seed()),
      recent_(has_penalties(params) ? static_cast<std::size_t>(params.repeat_last_n) : 0,
              vocab_size),
      logits_(vocab_size) {
  const std::size_t k = top_k_of(params, vocab_size);
  candidates_.resize(k <= k_max_heap ? k : vocab_size);
  weights_.resize(candidates_.size());
}

// Copies and checks in one pass; an exponent of all ones is NaN or infinity.
Status Sampler::take_logits(std::span<const float> logits) {
  if (logits.size() != logits_.size())
    return fail(ErrorCode::failed, fmt::format("sampling: {} logits for a vocabulary of {}",
                                               logits.size(), logits_.size()));
  constexpr std::uint32_t k_exponent = 0x7F800000;
  std::uint32_t non_finite = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    non_finite |= (std::bit_cast<std::uint32_t>(logits[i]) & k_exponent) == k_exponent;
    logits_[i] = logits[i];
  }
  if (non_finite != 0)
    return fail(ErrorCode::failed, "non_finite_logits: the model produced NaN or infinity");
  return {};
}

Candidates Sampler::choose_candidates() {
  const std::size_t k = top_k_of(params_, logits_.size());
  if (k <= k_max_heap) {
    select_top_k(logits_, k, candidates_);
    return {candidates_, k, weights_};
  }
  for (std::size_t i = 0; i < logits_.size(); ++i)
    candidates_[i] = {static_cast<TokenId>(i), logits_[i]};
  Candidates all{candidates_, 0, weights_};
  if (k < logits_.size()) all.sort_front(k);
  all.items = all.items.first(k);
  return all;
}

Result<TokenId> Sampler::draw(Candidates candidates) {
  const double total = candidates.softmax_weights();
  double rest = philox_uniform(seed_, draws_++) * total;
  for (std::size_t i = 0; i < candidates.items.size(); ++i)
    if ((rest -= candidates.weights[i]) < 0) return candidates.items[i].id;
  return candidates.items.front().id;  // rounding only
}

Result<TokenId> Sampler::sample(std::span<const float> logits) {
  if (Status s = take_logits(logits); !s) return fail(s);
  for (const LogitFilter& filter : k_logit_filters) filter.apply(params_, recent_, logits_);
  Candidates candidates = choose_candidates();
  if (!std::isfinite(candidates.max_logit()))
    return fail(ErrorCode::usage, "sampling: logit_bias and penalties leave no token to choose");
  if (is_greedy(params_)) return candidates.items.front().id;
  for (const CandidateFilter& filter : k_candidate_filters) filter.apply(params_, candidates);
  return draw(candidates);
}

void Sampler::accept(TokenId id) {
  if (id >= 0 && static_cast<std::size_t>(id) < logits_.size()) recent_.push(id);
}

}  // namespace tenon
