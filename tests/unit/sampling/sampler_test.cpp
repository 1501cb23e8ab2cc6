// The whole chain: distributions, seeds, errors, and no allocation once created.
#include "framework/sampling/sampler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/unit/sampling/allocation_count.hpp"

namespace tenon {
namespace {

SamplingParams plain() {
  SamplingParams params;
  params.temperature = 1;
  params.top_k = 0;
  params.top_p = 1;
  params.min_p = 0;
  params.seed = 1;
  return params;
}

Sampler make(const SamplingParams& params, std::size_t vocab_size) {
  return std::move(Sampler::create(params, vocab_size)).value();
}

std::vector<double> softmax(const std::vector<float>& logits, double temperature) {
  std::vector<double> p;
  double sum = 0;
  for (const float x : logits)
    sum += p.emplace_back(std::exp(static_cast<double>(x) / temperature));
  for (double& x : p) x /= sum;
  return p;
}

// Chi-square of `n` draws; tokens of probability 0 must not be drawn at all.
double chi_square(Sampler& sampler, const std::vector<float>& logits,
                  const std::vector<double>& wanted, int n) {
  std::vector<double> counts(logits.size());
  for (int i = 0; i < n; ++i) ++counts[static_cast<std::size_t>(sampler.sample(logits).value())];
  double sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (wanted[i] == 0) {
      EXPECT_EQ(counts[i], 0) << i;
    }
    if (wanted[i] > 0)
      sum += (counts[i] - n * wanted[i]) * (counts[i] - n * wanted[i]) / (n * wanted[i]);
  }
  return sum;
}

const std::vector<float> k_logits{0.5f, -1.0f, 2.0f, 0.0f, 1.5f, -2.0f, 1.0f, -0.5f};
constexpr int k_draws = 1'000'000;
// Critical values of chi-square at p = 1e-3 for 1..7 degrees of freedom.
constexpr double k_critical[] = {0, 10.83, 13.82, 16.27, 18.47, 20.52, 22.46, 24.32};

TEST(Sampler, DrawsFromTheSoftmax) {
  for (const float temperature : {0.5f, 1.0f, 2.0f}) {
    SamplingParams params = plain();
    params.temperature = temperature;
    Sampler sampler = make(params, k_logits.size());
    EXPECT_LT(
        chi_square(sampler, k_logits, softmax(k_logits, static_cast<double>(temperature)), k_draws),
        k_critical[7]);
  }
}

// Draws with `params` are those of the softmax over `kept` only.
void expect_only(const SamplingParams& params, const std::vector<std::size_t>& kept) {
  std::vector<double> wanted(k_logits.size());
  double sum = 0;
  for (const std::size_t i : kept) sum += wanted[i] = std::exp(static_cast<double>(k_logits[i]));
  for (double& p : wanted) p /= sum;
  Sampler sampler = make(params, k_logits.size());
  EXPECT_LT(chi_square(sampler, k_logits, wanted, k_draws), k_critical[kept.size() - 1]);
}

TEST(Sampler, EachFilterRenormalises) {
  SamplingParams params = plain();
  params.top_k = 3;
  expect_only(params, {2, 4, 6});
  params = plain();
  params.top_p = 0.7f;  // 0.426 + 0.258 + 0.157
  expect_only(params, {2, 4, 6});
  params = plain();
  params.min_p = 0.3f;  // at least 2 + ln 0.3 = 0.796
  expect_only(params, {2, 4, 6});
  params = plain();
  params.typical = 0.7f;  // the expected logit is 1.31: 0.24 + 0.15 + 0.40
  expect_only(params, {4, 6, 2});
  params = plain();
  params.logit_bias = {{2, -std::numeric_limits<float>::infinity()}};
  expect_only(params, {0, 1, 3, 4, 5, 6, 7});
}

// Three blocks of 64, the last one short;
// the critical value by Wilson and Hilferty's approximation.
TEST(Sampler, DrawsFromEveryBlock) {
  std::vector<float> logits(150);
  for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = std::sin(static_cast<float>(i));
  SamplingParams params = plain();
  params.logit_bias = {{70, -std::numeric_limits<float>::infinity()}};
  std::vector<float> biased = logits;
  biased[70] = -std::numeric_limits<float>::infinity();
  Sampler sampler = make(params, logits.size());
  const double n = 148, c = 2 / (9 * n), z = 3.09;  // p = 1e-3
  EXPECT_LT(chi_square(sampler, logits, softmax(biased, 1), k_draws),
            n * std::pow(1 - c + z * std::sqrt(c), 3));
}

TEST(Sampler, NeighbouringSeedsAreIndependent) {
  std::vector<double> counts(4);
  const std::vector<float> logits{0, 0};
  for (std::uint64_t seed = 0; seed < 100'000; ++seed) {
    SamplingParams params = plain();
    params.seed = seed;
    Sampler sampler = make(params, 2);
    const TokenId first = sampler.sample(logits).value(), second = sampler.sample(logits).value();
    ++counts[static_cast<std::size_t>(2 * first + second)];
  }
  for (const double n : counts) EXPECT_NEAR(n, 25'000, 5 * std::sqrt(25'000 * 0.75));
}

TEST(Sampler, TheSameSeedGivesTheSameTokens) {
  SamplingParams params;
  params.seed = 1234567890123;
  Sampler a = make(params, k_logits.size()), b = make(params, k_logits.size());
  params.seed = 2;
  Sampler c = make(params, k_logits.size());
  int differences = 0;
  for (int i = 0; i < 200; ++i) {
    const TokenId id = a.sample(k_logits).value();
    EXPECT_EQ(id, b.sample(k_logits).value());
    differences += id != c.sample(k_logits).value();
  }
  EXPECT_GT(differences, 50);
}

TEST(Sampler, TellsARandomSeed) {
  SamplingParams params;
  Sampler first = make(params, k_logits.size());
  params.seed = first.seed();
  Sampler again = make(params, k_logits.size());
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(first.sample(k_logits).value(), again.sample(k_logits).value());
  EXPECT_NE(make({}, 8).seed(), make({}, 8).seed());
}

TEST(Sampler, GreedyTakesTheBestAndOfEqualsTheFirst) {
  SamplingParams params;
  params.temperature = 0;
  Sampler sampler = make(params, 4);
  EXPECT_EQ(sampler.sample(std::vector<float>{1, 3, 3, 2}).value(), 1);
  params.logit_bias = {{1, -1.0f}, {2, -2.0f}};
  Sampler biased = make(params, 4);
  EXPECT_EQ(biased.sample(std::vector<float>{1, 3, 3, 2}).value(), 1);
}

TEST(Sampler, PenaltiesActOnAcceptedTokens) {
  SamplingParams params;
  params.temperature = 0;
  params.repeat_penalty = 2;
  Sampler sampler = make(params, 3);
  const std::vector<float> logits{4, 3, 1};
  EXPECT_EQ(sampler.sample(logits).value(), 0);
  sampler.accept(0);
  sampler.accept(-1);
  sampler.accept(3);
  EXPECT_EQ(sampler.sample(logits).value(), 1);
}

TEST(Sampler, TinyAndHugeTemperaturesStayFinite) {
  for (const float temperature : {1e-30f, 1e6f}) {
    SamplingParams params = plain();
    params.temperature = temperature;
    Sampler sampler = make(params, 3);
    const TokenId id = sampler.sample(std::vector<float>{-3e38f, 3e38f, 0}).value();
    EXPECT_EQ(id, 1) << temperature;
  }
}

TEST(Sampler, NonFiniteLogitsAreAnError) {
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
        -std::numeric_limits<float>::infinity()})
    for (const float temperature : {0.0f, 0.8f}) {
      SamplingParams params;
      params.temperature = temperature;
      std::vector<float> logits(1000, 1.0f);
      logits[777] = bad;
      const Result<TokenId> id = make(params, logits.size()).sample(logits);
      ASSERT_FALSE(id);
      EXPECT_EQ(id.error().code(), ErrorCode::failed);
      EXPECT_THAT(id.error().message(), testing::HasSubstr("non_finite_logits"));
    }
}

TEST(Sampler, BanningEveryTokenIsAnError) {
  const float ban = -std::numeric_limits<float>::infinity();
  for (const float temperature : {0.0f, 1.0f}) {
    SamplingParams params = plain();
    params.temperature = temperature;
    params.logit_bias = {{0, ban}, {1, ban}};
    EXPECT_FALSE(make(params, 2).sample(std::vector<float>{1, 2}));
  }
}

TEST(Sampler, RefusesAWrongNumberOfLogits) {
  EXPECT_FALSE(make({}, 3).sample(std::vector<float>{1, 2}));
  EXPECT_FALSE(Sampler::create({}, 0));
}

TEST(Sampler, AllocatesNothingPerToken) {
  for (const std::int32_t top_k : {0, 40, 2000}) {
    SamplingParams params;
    params.top_k = top_k;
    params.typical = 0.9f;
    params.repeat_penalty = 1.1f;
    params.logit_bias = {{5, 1.0f}};
    Sampler sampler = make(params, 5000);
    std::vector<float> logits(5000);
    for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = std::sin(static_cast<float>(i));
    const std::size_t before = allocation_count();
    for (int i = 0; i < 100; ++i) sampler.accept(sampler.sample(logits).value());
    EXPECT_EQ(allocation_count(), before) << top_k;
  }
}

}  // namespace
}  // namespace tenon
