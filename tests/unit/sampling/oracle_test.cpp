// The whole way from logits to probabilities against the textbook: a full sort in double precision.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>

#include "framework/sampling/filters.hpp"
#include "framework/sampling/selection.hpp"

namespace tenon {
namespace {

using Probabilities = std::map<TokenId, double>;

struct Entry {
  TokenId id;
  double logit;
};

void normalise(const std::vector<Entry>& entries, std::vector<double>& p) {
  double max = -std::numeric_limits<double>::infinity(), sum = 0;
  for (const Entry& e : entries) max = std::max(max, e.logit);
  p.clear();
  for (const Entry& e : entries) sum += p.emplace_back(std::exp(e.logit - max));
  for (double& x : p) x /= sum;
}

template <class Key>
void sort_by(std::vector<Entry>& entries, Key key) {
  std::sort(entries.begin(), entries.end(), [&](const Entry& a, const Entry& b) {
    if (key(a) != key(b)) return key(a) < key(b);
    return a.logit != b.logit ? a.logit > b.logit : a.id < b.id;
  });
}

void keep_share(std::vector<Entry>& entries, double share) {
  std::vector<double> p;
  normalise(entries, p);
  double sum = 0;
  std::size_t n = 0;
  while (n < p.size() && (n == 0 || sum < share)) sum += p[n++];
  entries.resize(n);
}

void oracle_typical(std::vector<Entry>& entries, double share) {
  std::vector<double> p;
  normalise(entries, p);
  double entropy = 0;
  for (const double x : p) entropy -= x > 0 ? x * std::log(x) : 0;
  std::map<TokenId, double> distance;
  for (std::size_t i = 0; i < p.size(); ++i)
    distance[entries[i].id] = std::abs(-std::log(p[i]) - entropy);
  sort_by(entries, [&](const Entry& e) { return distance[e.id]; });
  keep_share(entries, share);
}

Probabilities oracle(const SamplingParams& params, const std::vector<float>& logits) {
  std::vector<Entry> entries;
  for (const float x : logits)
    entries.push_back({static_cast<TokenId>(entries.size()), static_cast<double>(x)});
  const auto by_logit = [](const Entry& e) { return -e.logit; };
  sort_by(entries, by_logit);
  if (params.top_k > 0)
    entries.resize(std::min(entries.size(), static_cast<std::size_t>(params.top_k)));
  if (params.typical < 1) oracle_typical(entries, static_cast<double>(params.typical));
  sort_by(entries, by_logit);
  if (params.top_p < 1) keep_share(entries, static_cast<double>(params.top_p));
  const double floor = entries.front().logit + std::log(static_cast<double>(params.min_p));
  std::erase_if(entries, [&](const Entry& e) { return e.logit < floor - 1e-6; });
  for (Entry& e : entries) e.logit /= static_cast<double>(params.temperature);
  std::vector<double> p;
  normalise(entries, p);
  Probabilities result;
  for (std::size_t i = 0; i < p.size(); ++i) result[entries[i].id] = p[i];
  return result;
}

Probabilities ours(const SamplingParams& params, const std::vector<float>& logits) {
  std::vector<float> maxima(LogitBlocks::count(logits.size()));
  const LogitBlocks blocks(logits, maxima);
  Probabilities result;
  if (takes_everything(params, logits.size())) {
    std::vector<double> weights(blocks.n_blocks());
    const double total = block_weights(blocks, params.temperature, weights);
    for (std::size_t i = 0; i < logits.size(); ++i) {
      std::array<float, LogitBlocks::k_block> tokens;
      token_weights(blocks, i / tokens.size(), params.temperature, tokens);
      result[static_cast<TokenId>(i)] = static_cast<double>(tokens[i % tokens.size()]) / total;
    }
    return result;
  }
  Selection selection(params, logits.size());
  Candidates c = selection.select(params, blocks);
  for (const CandidateFilter& filter : k_candidate_filters) filter.apply(params, c);
  const double total = c.weigh();
  for (std::size_t i = 0; i < c.items.size(); ++i) result[c.items[i].id] = c.weights[i] / total;
  return result;
}

std::vector<SamplingParams> settings() {
  std::vector<SamplingParams> all;
  for (const std::int32_t top_k : {0, 1, 40, 1500})
    for (const float typical : {1.0f, 0.9f, 0.3f})
      for (const float top_p : {1.0f, 0.95f, 0.5f})
        for (const float min_p : {0.0f, 0.05f, 0.5f})
          for (const float temperature : {0.8f, 1.5f}) {
            SamplingParams& p = all.emplace_back();
            p.top_k = top_k, p.typical = typical, p.top_p = top_p, p.min_p = min_p;
            p.temperature = temperature;
          }
  return all;
}

void compare(const std::vector<float>& logits, std::size_t from, std::size_t step) {
  const auto all = settings();
  for (std::size_t s = from; s < all.size(); s += step) {
    const SamplingParams& p = all[s];
    SCOPED_TRACE(testing::Message() << logits.size() << " logits; k " << p.top_k << " typical "
                                    << p.typical << " top_p " << p.top_p << " min_p " << p.min_p);
    const Probabilities wanted = oracle(p, logits), got = ours(p, logits);
    ASSERT_EQ(got.size(), wanted.size());
    for (const auto& [id, probability] : wanted) {
      ASSERT_TRUE(got.contains(id)) << id;
      ASSERT_NEAR(got.at(id), probability, 2e-5 * probability + 1e-12) << id;
    }
  }
}

TEST(SamplingOracle, EverySettingOnSpreadLogits) {
  std::mt19937 random(11);
  for (const std::size_t n : {1u, 2u, 63u, 64u, 65u, 700u, 3000u})
    for (const float spread : {0.1f, 1.0f, 3.0f, 12.0f}) {
      std::normal_distribution<float> normal(-4, spread);
      std::vector<float> logits(n);
      for (float& x : logits) x = normal(random);
      compare(logits, 0, n > 500 ? 5 : 1);
    }
}

// Filters that keep a share of the mass must cut a row of equals by id.
TEST(SamplingOracle, EverySettingOnTies) {
  std::mt19937 random(12);
  for (const std::size_t n : {2u, 65u, 300u}) {
    std::vector<float> logits(n);
    for (float& x : logits) x = static_cast<float>(random() % 7) * 0.75f;
    const auto all = settings();
    for (std::size_t s = 0; s < all.size(); ++s) {
      if (all[s].typical < 1) continue;  // distances of equals differ by rounding only
      compare(logits, s, all.size());
    }
  }
}

TEST(SamplingOracle, ALargeVocabulary) {
  std::mt19937 random(13);
  for (const bool peaked : {false, true}) {
    std::normal_distribution<float> normal(0, 3);
    std::vector<float> logits(20'000);
    for (float& x : logits) x = normal(random);
    if (peaked) logits[random() % logits.size()] = 24;
    compare(logits, 0, 7);
  }
}

}  // namespace
}  // namespace tenon
