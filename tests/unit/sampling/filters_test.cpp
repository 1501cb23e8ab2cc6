// Each filter on distributions small enough to work out by hand.
#include "framework/sampling/filters.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "framework/sampling/blocks.hpp"

namespace tenon {
namespace {

using testing::ElementsAre;

// Candidates with these probabilities; ids count from 0.
struct Distribution {
  explicit Distribution(const std::vector<double>& probabilities) : weights(probabilities.size()) {
    for (const double p : probabilities)
      items.push_back({static_cast<TokenId>(items.size()),
                       logits.emplace_back(static_cast<float>(std::log(p)))});
  }

  std::vector<TokenId> after(void (*filter)(const SamplingParams&, Candidates&),
                             const SamplingParams& params) {
    Candidates c{items, weights, *std::max_element(logits.begin(), logits.end())};
    filter(params, c);
    std::vector<TokenId> ids;
    for (const ScoredToken& x : c.items) ids.push_back(x.id);
    std::sort(ids.begin(), ids.end());
    return ids;
  }

  std::vector<ScoredToken> items;
  std::vector<float> logits;
  std::vector<double> weights;
};

SamplingParams with(float SamplingParams::*field, float value) {
  SamplingParams params;
  params.*field = value;
  return params;
}

TEST(TopP, KeepsTheShortestFrontThatReachesIt) {
  const auto kept = [](float p) {
    return Distribution({0.1, 0.4, 0.3, 0.2}).after(keep_top_p, with(&SamplingParams::top_p, p));
  };
  EXPECT_THAT(kept(0.0f), ElementsAre(1));
  EXPECT_THAT(kept(0.39f), ElementsAre(1));
  EXPECT_THAT(kept(0.5f), ElementsAre(1, 2));
  EXPECT_THAT(kept(0.8f), ElementsAre(1, 2, 3));
  EXPECT_THAT(kept(0.95f), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(kept(1.0f), ElementsAre(0, 1, 2, 3));
}

TEST(TopP, ReachesBeyondTheFirstSortedPart) {
  std::vector<double> flat(1000, 0.001);
  EXPECT_EQ(Distribution(flat).after(keep_top_p, with(&SamplingParams::top_p, 0.5005f)).size(),
            501u);
}

TEST(MinP, ComparesWithTheBest) {
  const auto kept = [](float p) {
    return Distribution({0.1, 0.4, 0.3, 0.2}).after(keep_min_p, with(&SamplingParams::min_p, p));
  };
  EXPECT_THAT(kept(0.0f), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(kept(0.24f), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(kept(0.26f), ElementsAre(1, 2, 3));
  EXPECT_THAT(kept(0.74f), ElementsAre(1, 2));
  EXPECT_THAT(kept(1.0f), ElementsAre(1));
}

TEST(Typical, PrefersTheExpectedSurprise) {
  // Entropy 1.168 nats; surprises 0.511, 1.609, 2.303, 2.303: distances 0.657, 0.441, 1.134, 1.134.
  const auto kept = [](float p) {
    return Distribution({0.6, 0.2, 0.1, 0.1})
        .after(keep_typical, with(&SamplingParams::typical, p));
  };
  EXPECT_THAT(kept(0.1f), ElementsAre(1));
  EXPECT_THAT(kept(0.5f), ElementsAre(0, 1));
  EXPECT_THAT(kept(0.85f), ElementsAre(0, 1, 2));
  EXPECT_THAT(kept(1.0f), ElementsAre(0, 1, 2, 3));
}

TEST(Temperature, DividesLogits) {
  Distribution d({0.5, 0.25});
  Candidates c{d.items, d.weights, d.logits[0]};
  scale_temperature(with(&SamplingParams::temperature, 0.5f), c);
  EXPECT_NEAR(c.items[0].logit - c.items[1].logit, 2 * std::log(2.0), 1e-6);
}

TEST(TopK, IsThatOfAFullSort) {
  std::mt19937 random(7);
  for (const std::size_t n : {1u, 2u, 63u, 64u, 65u, 1000u, 5000u})
    for (const std::size_t k : {std::size_t{1}, std::size_t{40}, n})
      for (const bool ties : {false, true}) {
        if (k > n) continue;
        std::vector<float> logits(n);
        for (float& x : logits)
          x = ties ? static_cast<float>(random() % 5) : std::normal_distribution<float>()(random);
        std::vector<ScoredToken> wanted, got(k);
        for (const float x : logits) wanted.push_back({static_cast<TokenId>(wanted.size()), x});
        std::sort(wanted.begin(), wanted.end(), BetterCandidate());
        std::vector<float> maxima(LogitBlocks::count(n));
        select_top_k(LogitBlocks(logits, maxima), k, got);
        for (std::size_t i = 0; i < k; ++i)
          ASSERT_EQ(got[i].id, wanted[i].id) << n << ' ' << k << ' ' << i;
      }
}

TEST(LogitBias, AddsUp) {
  SamplingParams params;
  params.logit_bias = {{1, 2.0f}, {1, 0.5f}, {0, -1.0f}};
  std::vector<float> logits{1, 1, 1};
  add_logit_bias(params, {}, logits);
  EXPECT_THAT(logits, ElementsAre(0.0f, 3.5f, 1.0f));
}

TEST(Penalties, CountOnlyTheLastTokens) {
  SamplingParams params;
  params.repeat_penalty = 2;
  params.frequency_penalty = 0.5f;
  params.presence_penalty = 0.25f;
  RecentTokens recent(3, 4);
  for (const TokenId id : {0, 1, 1, 2}) recent.push(id);  // 0 has left the window
  std::vector<float> logits{4, 4, -4, 4};
  apply_penalties(params, recent, logits);
  EXPECT_THAT(logits, ElementsAre(4.0f, 2 - 1.25f, -8 - 0.75f, 4.0f));
}

TEST(RecentTokens, CountsLikeANaiveWindow) {
  std::mt19937 random(3);
  RecentTokens recent(5, 4);
  std::vector<TokenId> all;
  for (int i = 0; i < 500; ++i) {
    all.push_back(static_cast<TokenId>(random() % 4));
    recent.push(all.back());
    std::vector<std::uint32_t> counts(4), wanted(4);
    recent.for_each(
        [&](TokenId id, std::uint32_t n) { counts[static_cast<std::size_t>(id)] += n; });
    for (std::size_t j = all.size() > 5 ? all.size() - 5 : 0; j < all.size(); ++j)
      ++wanted[static_cast<std::size_t>(all[j])];
    ASSERT_EQ(counts, wanted) << i;
  }
}

}  // namespace
}  // namespace tenon
