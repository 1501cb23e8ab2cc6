// The definitions are those of the papers and of llama.cpp's defaults, so that settings carry over.
#include "framework/sampling/filters.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace tenon {
namespace {

// The shortest front of `items` whose weights reach `share` of `total`, at least one.
std::size_t count_until(std::span<const double> weights, double share, double total) {
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i)
    if ((sum += weights[i]) >= share * total) return i + 1;
  return weights.size();
}

// Bins of 1/32 nat below the best logit; the last one takes the rest.
constexpr std::size_t k_bins = 1024;

std::size_t bin_below(float max, const ScoredToken& x) {
  const float distance = (max - x.logit) * 32;
  return distance < static_cast<float>(k_bins - 1) ? static_cast<std::size_t>(distance)
                                                   : k_bins - 1;
}

void shorten(Candidates& c, std::size_t n) {
  c.items = c.items.first(std::max<std::size_t>(n, 1));
  c.sorted = std::min(c.sorted, c.items.size());
}

}  // namespace

void add_logit_bias(const SamplingParams& params, const RecentTokens&, std::span<float> logits) {
  for (const LogitBias& b : params.logit_bias) logits[static_cast<std::size_t>(b.id)] += b.bias;
}

void apply_penalties(const SamplingParams& params, const RecentTokens& recent,
                     std::span<float> logits) {
  recent.for_each([&](TokenId id, std::uint32_t count) {
    float& logit = logits[static_cast<std::size_t>(id)];
    logit = logit > 0 ? logit / params.repeat_penalty : logit * params.repeat_penalty;
    logit -= static_cast<float>(count) * params.frequency_penalty + params.presence_penalty;
  });
}

// A heap of the best k; blocks in which nothing beats its worst are passed over without a branch.
void select_top_k(std::span<const float> logits, std::size_t k, std::span<ScoredToken> out) {
  constexpr std::size_t k_block = 64;
  const BetterCandidate better;
  const auto heap = out.first(k);
  for (std::size_t i = 0; i < k; ++i) heap[i] = {static_cast<TokenId>(i), logits[i]};
  std::make_heap(heap.begin(), heap.end(), better);  // the worst in front
  for (std::size_t block = k; block < logits.size(); block += k_block) {
    const auto part = logits.subspan(block, std::min(k_block, logits.size() - block));
    const float worst = heap.front().logit;
    std::int32_t any = 0;
    for (const float logit : part) any |= logit > worst;
    if (any == 0) continue;
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (part[i] <= heap.front().logit) continue;  // ties: the lower id is in already
      std::pop_heap(heap.begin(), heap.end(), better);
      heap.back() = {static_cast<TokenId>(block + i), part[i]};
      std::push_heap(heap.begin(), heap.end(), better);
    }
  }
  std::sort_heap(heap.begin(), heap.end(), better);
}

// Locally typical sampling (Meister et al. 2023): tokens whose surprise is nearest to the expected
// one.
void keep_typical(const SamplingParams& params, Candidates& c) {
  if (params.typical >= 1) return;
  const double log_total = std::log(c.softmax_weights()), max = c.items.front().logit;
  const auto surprise = [&](const ScoredToken& x) {
    return log_total + max - static_cast<double>(x.logit);
  };
  double entropy = 0;
  for (const ScoredToken& x : c.items) {
    const double s = surprise(x);
    if (std::isfinite(s)) entropy += s * std::exp(-s);
  }
  std::sort(c.items.begin(), c.items.end(), [&](const ScoredToken& a, const ScoredToken& b) {
    const double da = std::abs(surprise(a) - entropy), db = std::abs(surprise(b) - entropy);
    return da != db ? da < db : BetterCandidate()(a, b);
  });
  for (std::size_t i = 0; i < c.items.size(); ++i) c.weights[i] = std::exp(-surprise(c.items[i]));
  c.sorted = 0;
  shorten(c, count_until(c.weights.first(c.items.size()), static_cast<double>(params.typical), 1));
}

// Nucleus sampling (Holtzman et al. 2020). A histogram of the mass by logit says which candidates
// can be in the nucleus, so that only those are sorted.
void keep_top_p(const SamplingParams& params, Candidates& c) {
  if (params.top_p >= 1) return;
  const double total = c.softmax_weights(), share = static_cast<double>(params.top_p);
  const float max = c.items.front().logit;
  std::array<double, k_bins> mass{};
  for (std::size_t i = 0; i < c.items.size(); ++i) mass[bin_below(max, c.items[i])] += c.weights[i];
  const std::size_t last = count_until(mass, share, total) - 1;
  const auto end = std::remove_if(c.items.begin(), c.items.end(),
                                  [&](const ScoredToken& x) { return bin_below(max, x) > last; });
  shorten(c, static_cast<std::size_t>(end - c.items.begin()));
  c.sort_front(c.items.size());
  c.softmax_weights();
  shorten(c, count_until(c.weights.first(c.items.size()), share, total));
}

// Keeps what is at least min_p times as likely as the best (Nguyen et al. 2024).
void keep_min_p(const SamplingParams& params, Candidates& c) {
  if (params.min_p <= 0) return;
  const float least = c.max_logit() + std::log(params.min_p);
  const auto end = std::remove_if(c.items.begin(), c.items.end(),
                                  [least](const ScoredToken& x) { return !(x.logit >= least); });
  shorten(c, static_cast<std::size_t>(end - c.items.begin()));
}

// Relative to the best, so that no temperature overflows.
void scale_temperature(const SamplingParams& params, Candidates& c) {
  const float max = c.max_logit();
  for (ScoredToken& x : c.items) x.logit = (x.logit - max) / params.temperature;
}

}  // namespace tenon
