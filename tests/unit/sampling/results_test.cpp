// The least that is read of a step gives the token that all logits give: the same seeds, the same
// tokens, over all chains of filters.
#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <random>

#include "framework/sampling/sampler.hpp"
#include "plugins/conformance/oracle/top_k.hpp"

namespace tenon {
namespace {

constexpr float k_ban = -std::numeric_limits<float>::infinity();

// What devices make of a row of logits.
class Device {
 public:
  explicit Device(const std::vector<float>& logits) : logits_(logits) {}

  RowResults row(const Sampler& sampler, Results results) {
    const std::size_t k = std::min(logits_.size(), k_max_candidates);
    if (results == Results::logits) return {.logits = logits_};
    listed_.assign(k_max_candidates, 7);  // what was there before
    sampler.list(listed_);
    top_ = oracle::top_k(logits_, results == Results::tokens ? 1 : k, listed_);
    if (results == Results::tokens) return {.token = std::span(top_.ids).first(1)};
    return {.ids = top_.ids, .values = top_.values};
  }

 private:
  const std::vector<float>& logits_;
  std::vector<TokenId> listed_;
  oracle::Top top_;
};

std::vector<float> random_logits(std::size_t n, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, 3);
  std::vector<float> logits;
  // Rounded, so that there are equal ones at every rank.
  while (logits.size() < n) logits.push_back(std::round(normal(random) * 16) / 16);
  return logits;
}

// Draws `n` tokens both ways; gives how often less than all logits was enough.
int same_tokens(const SamplingParams& params, std::size_t n_vocab, int n) {
  auto whole = Sampler::create(params, n_vocab), less = Sampler::create(params, n_vocab);
  EXPECT_TRUE(whole && less);
  int fewer = 0;
  for (int i = 0; i < n; ++i) {
    const auto logits = random_logits(n_vocab, static_cast<std::uint32_t>(i % 7));
    const Results results = less->results();
    fewer += results == Results::logits ? 0 : 1;
    const auto want = whole->sample(logits);
    const auto got = less->sample(Device(logits).row(*less, results));
    EXPECT_TRUE(want && got) << (got ? "" : got.error().message());
    if (!want || !got) return fewer;
    EXPECT_EQ(*got, *want) << "draw " << i;
    whole->accept(*want);
    less->accept(*got);
  }
  return fewer;
}

SamplingParams seeded() {
  SamplingParams p;
  p.seed = 11;
  return p;
}

struct Chain {
  const char* name;
  void (*change)(SamplingParams&);
};
const Chain k_chains[] = {
    {"as they are", [](auto&) {}},
    {"greedy", [](auto& p) { p.temperature = 0; }},
    {"top_k 1", [](auto& p) { p.top_k = 1; }},
    {"top_k 256", [](auto& p) { p.top_k = 256, p.min_p = 0, p.top_p = 1, p.temperature = 3; }},
    {"top_p", [](auto& p) { p.top_p = 0.6f, p.min_p = 0; }},
    {"min_p", [](auto& p) { p.top_p = 1, p.min_p = 0.2f; }},
    {"typical", [](auto& p) { p.typical = 0.7f; }},
    {"hot", [](auto& p) { p.temperature = 5; }},
    {"all", [](auto& p) { p.top_k = 100, p.typical = 0.9f, p.top_p = 0.8f, p.min_p = 0.02f; }},
};
const Chain k_changes[] = {
    {"nothing", [](auto&) {}},
    {"repeat", [](auto& p) { p.repeat_penalty = 1.3f; }},
    {"presence", [](auto& p) { p.presence_penalty = 2, p.repeat_last_n = 20; }},
    {"frequency", [](auto& p) { p.frequency_penalty = 1.5f; }},
    {"rewarded", [](auto& p) { p.repeat_penalty = 0.5f; }},
    {"bias",
     [](auto& p) {
       p.logit_bias = {{3, 9.5f}, {5, k_ban}, {3, 0.25f}, {8, -4}};
     }},
    {"both",
     [](auto& p) {
       p.repeat_penalty = 1.2f;
       for (TokenId id = 0; id < 60; ++id)
         p.logit_bias.push_back({id * 2, id % 3 == 0 ? k_ban : 1.f});
     }},
};

TEST(Results, GiveTheTokensThatAllLogitsGive) {
  for (const std::size_t n_vocab : {40u, 257u, 3000u})
    for (const Chain& chain : k_chains)
      for (const Chain& change : k_changes) {
        SCOPED_TRACE(testing::Message() << n_vocab << ": " << chain.name << ", " << change.name);
        SamplingParams p = seeded();
        chain.change(p);
        change.change(p);
        if (n_vocab == 40)
          std::erase_if(p.logit_bias, [](const LogitBias& b) { return b.id >= 40; });
        const int fewer = same_tokens(p, n_vocab, 100);
        const bool few = p.top_k + static_cast<int>(p.logit_bias.size()) < 150;
        if (n_vocab == 3000 && few) {
          EXPECT_EQ(fewer, 100) << "all logits were wanted";
        }
      }
}

TEST(Results, AreTheLeastThatIsEnough) {
  const auto of = [](void (*change)(SamplingParams&), std::size_t n_vocab = 1000) {
    SamplingParams p = seeded();
    change(p);
    return Sampler::create(p, n_vocab)->results();
  };
  EXPECT_EQ(of([](auto& p) { p.temperature = 0; }), Results::tokens);
  EXPECT_EQ(of([](auto& p) { p.temperature = 0, p.top_k = 0; }), Results::tokens);
  EXPECT_EQ(of([](auto& p) { p.temperature = 0, p.presence_penalty = 1; }), Results::candidates);
  EXPECT_EQ(of([](auto&) {}), Results::candidates);
  EXPECT_EQ(of([](auto& p) { p.top_k = 256; }), Results::candidates);
  EXPECT_EQ(of([](auto& p) { p.top_k = 257; }), Results::logits);
  EXPECT_EQ(of([](auto& p) { p.top_k = 255, p.logit_bias = {{1, 1}}; }), Results::candidates);
  EXPECT_EQ(of([](auto& p) { p.top_k = 256, p.logit_bias = {{1, 1}}; }), Results::logits);
  EXPECT_EQ(of([](auto& p) { p.top_k = 0; }), Results::logits) << "weights of all are wanted";
  EXPECT_EQ(of([](auto&) {}, 40), Results::logits) << "top_k keeps all";
}

// The longer the answer, the more tokens are penalised.
TEST(Results, BecomeLogitsWhenTooManyTokensArePenalised) {
  SamplingParams p = seeded();
  p.top_k = 200;
  p.repeat_penalty = 1.1f;
  auto sampler = Sampler::create(p, 1000);
  for (TokenId id = 0; id < 56; ++id) {
    EXPECT_EQ(sampler->results(), Results::candidates);
    sampler->accept(id);
    sampler->accept(id);
    if (id == 31) break;  // of 64, each twice
  }
  p.repeat_last_n = 1000;
  sampler = Sampler::create(p, 1000);
  for (TokenId id = 0; id < 57; ++id) sampler->accept(id);
  EXPECT_EQ(sampler->results(), Results::logits);
}

TEST(Results, ThatAreNotFiniteAreAnError) {
  SamplingParams p = seeded();
  for (const float bad : {std::nanf(""), -k_ban, k_ban})
    for (const float temperature : {0.0f, 1.0f})
      for (const float penalty : {1.0f, 1.1f}) {
        p.temperature = temperature;
        p.repeat_penalty = penalty;
        auto sampler = Sampler::create(p, 500);
        sampler->accept(3);
        auto logits = random_logits(500, 1);
        logits[77] = bad;
        const auto token = sampler->sample(Device(logits).row(*sampler, sampler->results()));
        ASSERT_FALSE(token);
        EXPECT_THAT(token.error().message(), testing::HasSubstr("non_finite_logits"));
      }
}

TEST(Results, ABanOfAllIsTheErrorThatLogitsGive) {
  SamplingParams p = seeded();
  p.top_k = 5;
  for (TokenId id = 0; id < 10; ++id) p.logit_bias.push_back({id, k_ban});
  auto sampler = Sampler::create(p, 10);
  const auto logits = random_logits(10, 1);
  ASSERT_EQ(sampler->results(), Results::candidates);
  const auto less = sampler->sample(Device(logits).row(*sampler, Results::candidates));
  const auto whole = sampler->sample(logits);
  ASSERT_FALSE(less);
  ASSERT_FALSE(whole);
  EXPECT_EQ(less.error().message(), whole.error().message());
}

TEST(Results, IdsThatNoVocabularyHasAreRefused) {
  auto sampler = Sampler::create(seeded(), 500);
  const auto logits = random_logits(600, 1);
  std::vector<float> values(k_max_candidates * 2, 1.0f);
  std::vector<TokenId> ids(values.size(), 500);
  EXPECT_FALSE(sampler->sample(RowResults{.ids = ids, .values = values}));
  EXPECT_FALSE(sampler->sample(RowResults{.token = std::span(ids).first(1)}));
}

}  // namespace
}  // namespace tenon
