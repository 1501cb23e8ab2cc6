// Which tokens can survive: the best k; those above a floor; those near the expected logit.
#include "framework/sampling/selection.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "framework/sampling/filters.hpp"

namespace tenon {
namespace {

constexpr float k_infinity = std::numeric_limits<float>::infinity();
constexpr std::size_t k_max_heap = 1024;  // up to here a heap is the faster way to the best k
constexpr double k_first_reach = 2;       // nats; widened until enough is within
constexpr double k_wider = 1.5;
constexpr double k_last_reach = 128;   // what is farther weighs nothing
constexpr double k_margin = 1 + 1e-5;  // totals are known to 1e-6

std::size_t top_k_of(const SamplingParams& params, std::size_t vocab_size) {
  if (is_greedy(params)) return 1;
  const auto k = static_cast<std::size_t>(params.top_k);
  return k == 0 ? vocab_size : std::min(k, vocab_size);
}

}  // namespace

bool is_greedy(const SamplingParams& params) { return params.temperature == 0; }

bool takes_everything(const SamplingParams& params, std::size_t vocab_size) {
  return top_k_of(params, vocab_size) == vocab_size && !is_greedy(params) && params.typical >= 1 &&
         params.top_p >= 1 && params.min_p <= 0;
}

Selection::Selection(const SamplingParams& params, std::size_t vocab_size)
    : k_(top_k_of(params, vocab_size)) {
  const bool few = k_ <= k_max_heap && k_ < vocab_size;
  const std::size_t n_blocks = LogitBlocks::count(vocab_size);
  if (!takes_everything(params, vocab_size))
    items_.resize(few ? std::max(k_, 2 * k_max_candidates) : vocab_size);
  weights_.resize(std::max(items_.size(), n_blocks));
  if (!few) maxima_.resize(n_blocks);
}

Candidates Selection::select(const SamplingParams& params, const LogitBlocks& logits) {
  if (k_ < logits.size()) return best(logits, k_);
  if (is_greedy(params)) return best(logits, 1);  // a vocabulary of one
  return params.typical < 1 ? typical(logits, static_cast<double>(params.typical))
                            : likely(params, logits);
}

Candidates Selection::among(std::span<const TokenId> ids, std::span<const float> values,
                            std::span<float> changed) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] < 0) continue;
    float logit = values[i];
    if (!changed.empty()) logit = std::exchange(changed[static_cast<std::size_t>(ids[i])], NAN);
    if (!std::isnan(logit)) items_[n++] = {ids[i], logit};
  }
  const auto found = std::span(items_).first(n), best = found.first(std::min(k_, n));
  std::partial_sort(best.begin(), best.end(), found.end(), BetterCandidate());
  return {best, weights_, best.front().logit};
}

Candidates Selection::gathered(const LogitBlocks& logits, float low, float high) {
  const std::size_t n = gather(logits, low, high, items_);
  return {std::span(items_).first(n), weights_, logits.max()};
}

Candidates Selection::best(const LogitBlocks& logits, std::size_t k) {
  if (k <= k_max_heap) {
    select_top_k(logits, k, items_);
    return {std::span(items_).first(k), weights_, logits.max()};
  }
  float floor = -k_infinity;  // the k-th best block has k better tokens in and above it
  if (k <= logits.n_blocks()) {
    std::copy(logits.maxima().begin(), logits.maxima().end(), maxima_.begin());
    const auto kth = maxima_.begin() + static_cast<std::ptrdiff_t>(k - 1);
    std::nth_element(maxima_.begin(), kth, maxima_.end(), std::greater<>());
    floor = *kth;
  }
  Candidates c = gathered(logits, floor, k_infinity);
  const auto kth = c.items.begin() + static_cast<std::ptrdiff_t>(k - 1);
  std::nth_element(c.items.begin(), kth, c.items.end(), BetterCandidate());
  c.shorten(k);
  return c;
}

// Widens the reach until those within weigh enough.
Candidates Selection::within(const LogitBlocks& logits, double centre, double enough) {
  for (double reach = k_first_reach;; reach *= k_wider) {
    const auto low = static_cast<float>(centre - reach), high = static_cast<float>(centre + reach);
    Candidates c = gathered(logits, low, high);
    if (reach >= k_last_reach || c.weigh() >= enough) return c;
  }
}

Candidates Selection::typical(const LogitBlocks& logits, double share) {
  const Whole whole = measure(logits);
  Candidates c = within(logits, whole.expected_logit, share * whole.weight * k_margin);
  c.whole = whole;
  return c;
}

Candidates Selection::likely(const SamplingParams& params, const LogitBlocks& logits) {
  const auto share = static_cast<double>(params.top_p);
  if (params.min_p > 0) {
    Candidates c = gathered(logits, min_p_floor(params, logits.max()), k_infinity);
    const double sum = c.weigh();
    const double least = *std::min_element(
        weights_.begin(), weights_.begin() + static_cast<std::ptrdiff_t>(c.items.size()));
    // top_p keeps all of these, whatever the others weigh.
    if (params.top_p >= 1 || sum - least < share * sum) return c;
    c.whole.weight = total_weight(logits);
    return c;
  }
  const double total = total_weight(logits);
  Candidates c = within(logits, static_cast<double>(logits.max()), share * total * k_margin);
  c.whole.weight = total;
  return c;
}

}  // namespace tenon
