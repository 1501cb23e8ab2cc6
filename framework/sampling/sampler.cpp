// Runs the tables of filters.hpp: logit filters, selection, candidate filters, draw.
#include "framework/sampling/sampler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

#include "framework/sampling/filters.hpp"
#include "framework/sampling/philox.hpp"

namespace tenon {
namespace {

bool has_penalties(const SamplingParams& params) {
  return params.repeat_penalty != 1 || params.presence_penalty != 0 ||
         params.frequency_penalty != 0;
}

tl::unexpected<Error> not_finite() {
  return fail(ErrorCode::failed, "non_finite_logits: the model produced NaN or infinity");
}

tl::unexpected<Error> nothing_left() {
  return fail(ErrorCode::usage, "sampling: logit_bias and penalties leave no token to choose");
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
      vocab_size_(vocab_size),
      seed_(params.seed ? *params.seed : random_seed()),
      recent_(has_penalties(params) ? static_cast<std::size_t>(params.repeat_last_n) : 0,
              vocab_size),
      changed_(has_penalties(params) || !params.logit_bias.empty() ? vocab_size : 0),
      maxima_(LogitBlocks::count(vocab_size)),
      selection_(params, vocab_size) {}

Result<LogitBlocks> Sampler::take_logits(std::span<const float> logits) {
  if (logits.size() != vocab_size_)
    return fail(ErrorCode::failed, fmt::format("sampling: {} logits for a vocabulary of {}",
                                               logits.size(), vocab_size_));
  const LogitBlocks blocks(logits, maxima_);
  if (!blocks.finite()) return not_finite();
  if (changed_.empty()) return blocks;
  std::copy(logits.begin(), logits.end(), changed_.begin());
  for (const LogitFilter& filter : k_logit_filters) filter.apply(params_, recent_, changed_);
  const LogitBlocks changed(changed_, maxima_);
  if (!std::isfinite(changed.max())) return nothing_left();
  return changed;
}

// Nothing filters: the block is drawn, then the token in it.
TokenId Sampler::draw_from_all(const LogitBlocks& logits) {
  const auto weights = selection_.block_weights();
  double rest = random() * block_weights(logits, params_.temperature, weights);
  std::size_t b = 0;
  while (b + 1 < logits.n_blocks() && rest >= weights[b]) rest -= weights[b++];
  std::array<float, LogitBlocks::k_block> tokens;
  token_weights(logits, b, params_.temperature, tokens);
  std::size_t last = 0;
  for (std::size_t i = 0; i < logits.block(b).size(); ++i) {
    if (tokens[i] == 0) continue;
    last = i;
    if ((rest -= static_cast<double>(tokens[i])) < 0) break;
  }
  return static_cast<TokenId>(b * LogitBlocks::k_block + last);
}

TokenId Sampler::draw(Candidates candidates) {
  double rest = random() * candidates.weigh();
  std::size_t last = 0;
  for (std::size_t i = 0; i < candidates.items.size(); ++i) {
    if (candidates.weights[i] == 0) continue;
    last = i;
    if ((rest -= candidates.weights[i]) < 0) break;
  }
  return candidates.items[last].id;
}

double Sampler::random() { return philox_uniform(seed_, draws_++); }

Result<TokenId> Sampler::sample(std::span<const float> logits) {
  const auto blocks = take_logits(logits);
  if (!blocks) return fail(blocks);
  if (takes_everything(params_, vocab_size_)) return draw_from_all(*blocks);
  return choose(selection_.select(params_, *blocks));
}

TokenId Sampler::choose(Candidates candidates) {
  if (is_greedy(params_)) return candidates.items.front().id;
  for (const CandidateFilter& filter : k_candidate_filters) filter.apply(params_, candidates);
  return draw(candidates);
}

// At most: a token that is biased twice or penalised too counts twice.
std::size_t Sampler::count_listed() const {
  std::size_t n = params_.logit_bias.size();
  recent_.for_each([&n](TokenId, std::uint32_t) { ++n; });
  return n;
}

// Of k and more tokens, as many as are listed may have been among the best only before they were
// changed.
Results Sampler::results() const {
  const std::size_t k = selection_.k();
  if (k >= vocab_size_) return Results::logits;
  if (changed_.empty() && is_greedy(params_)) return Results::tokens;
  return k + (changed_.empty() ? 0 : count_listed()) <= k_max_candidates ? Results::candidates
                                                                         : Results::logits;
}

void Sampler::list(std::span<TokenId> ids) const {
  std::fill(ids.begin(), ids.end(), -1);
  if (changed_.empty() || count_listed() > ids.size()) return;
  auto to = ids.begin();
  for (const LogitBias& b : params_.logit_bias) *to++ = b.id;
  recent_.for_each([&to](TokenId id, std::uint32_t) { *to++ = id; });
}

Result<TokenId> Sampler::sample(const RowResults& row) {
  if (!row.token.empty()) return take_best(row.token);
  return row.ids.empty() ? sample(row.logits) : take_candidates(row.ids, row.values);
}

// A kernel is no reason to write anywhere.
Status Sampler::check_ids(std::span<const TokenId> ids) const {
  if (ids.front() < 0) return not_finite();
  for (const TokenId id : ids)
    if (id >= 0 && static_cast<std::size_t>(id) >= vocab_size_)
      return fail(
          ErrorCode::failed,
          fmt::format("sampling: token {} is not in the vocabulary of {}", id, vocab_size_));
  return {};
}

Result<TokenId> Sampler::take_best(std::span<const TokenId> token) const {
  if (Status s = check_ids(token); !s) return fail(s);
  return token.front();
}

Result<TokenId> Sampler::take_candidates(std::span<const TokenId> ids,
                                         std::span<const float> values) {
  if (Status s = check_ids(ids); !s) return fail(s);
  if (!changed_.empty()) {  // the filters look at the listed ones only
    for (std::size_t i = 0; i < ids.size(); ++i)
      if (ids[i] >= 0) changed_[static_cast<std::size_t>(ids[i])] = values[i];
    for (const LogitFilter& filter : k_logit_filters) filter.apply(params_, recent_, changed_);
  }
  const Candidates best = selection_.among(ids, values, changed_);
  if (!std::isfinite(best.items.front().logit)) return nothing_left();
  return choose(best);
}

void Sampler::accept(TokenId id) {
  if (id >= 0 && static_cast<std::size_t>(id) < vocab_size_) recent_.push(id);
}

}  // namespace tenon
