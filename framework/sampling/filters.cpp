// The definitions are those of the papers and of llama.cpp's defaults, so that settings carry over.
#include "framework/sampling/filters.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace tenon {
namespace {

// Bins of 1/32 nat of distance; the last one takes the rest.
constexpr std::size_t k_bins = 1024;

std::size_t bin_of(double distance) {
  const double bin = distance * 32;
  return bin < static_cast<double>(k_bins - 1) ? static_cast<std::size_t>(bin) : k_bins - 1;
}

// Keeps the nearest items that together weigh at least `enough`. A histogram of the weights by
// distance says in which bin the last of them is, so that only that bin is sorted.
// Items must have their weights.
template <class Distance>
void keep_nearest(Candidates& c, double enough, Distance distance) {
  std::array<double, k_bins> mass{};
  for (std::size_t i = 0; i < c.items.size(); ++i)
    mass[bin_of(distance(c.items[i]))] += c.weights[i];
  std::size_t last = 0;
  double sum = 0;
  while (last + 1 < k_bins && sum + mass[last] < enough) sum += mass[last++];
  const auto bin = [&](const ScoredToken& x) { return bin_of(distance(x)); };
  const auto sorted = std::partition(c.items.begin(), c.items.end(),
                                     [&](const ScoredToken& x) { return bin(x) < last; });
  const auto end =
      std::partition(sorted, c.items.end(), [&](const ScoredToken& x) { return bin(x) == last; });
  std::sort(sorted, end, [&](const ScoredToken& a, const ScoredToken& b) {
    const double da = distance(a), db = distance(b);
    return da != db ? da < db : BetterCandidate()(a, b);
  });
  auto kept = sorted;
  do {
    if (kept == end) break;
    sum += std::exp(static_cast<double>(kept->logit) - static_cast<double>(c.reference));
    ++kept;
  } while (sum < enough);
  c.shorten(static_cast<std::size_t>(kept - c.items.begin()));
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

// Locally typical sampling (Meister et al. 2023): the tokens whose surprise is nearest to the
// expected one, which are those whose logit is nearest to the expected logit.
void keep_typical(const SamplingParams& params, Candidates& c) {
  if (params.typical >= 1) return;
  const Whole whole = c.measure();
  keep_nearest(c, static_cast<double>(params.typical) * whole.weight, [&](const ScoredToken& x) {
    return std::abs(static_cast<double>(x.logit) - whole.expected_logit);
  });
}

// Nucleus sampling (Holtzman et al. 2020): the best tokens.
void keep_top_p(const SamplingParams& params, Candidates& c) {
  if (params.top_p >= 1) return;
  const double max = static_cast<double>(c.max_logit());
  keep_nearest(c, static_cast<double>(params.top_p) * c.measure().weight,
               [max](const ScoredToken& x) { return max - static_cast<double>(x.logit); });
}

float min_p_floor(const SamplingParams& params, float max) {
  return params.min_p > 0 ? max + std::log(params.min_p) : -std::numeric_limits<float>::infinity();
}

// Keeps what is at least min_p times as likely as the best (Nguyen et al. 2024).
void keep_min_p(const SamplingParams& params, Candidates& c) {
  if (params.min_p <= 0) return;
  const float least = min_p_floor(params, c.max_logit());
  const auto end = std::remove_if(c.items.begin(), c.items.end(),
                                  [least](const ScoredToken& x) { return !(x.logit >= least); });
  c.shorten(static_cast<std::size_t>(end - c.items.begin()));
}

// Relative to the best, so that no temperature overflows.
void scale_temperature(const SamplingParams& params, Candidates& c) {
  const float max = c.max_logit();
  for (ScoredToken& x : c.items) x.logit = (x.logit - max) / params.temperature;
  c.reference = 0;
  c.weighed = 0;
}

}  // namespace tenon
