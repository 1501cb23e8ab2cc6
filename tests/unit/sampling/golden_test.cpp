// What is left of a vocabulary, and how likely it is, against the chain of llama.cpp
// (make_sampler_golden.py).
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "framework/sampling/filters.hpp"
#include "framework/sampling/selection.hpp"

namespace tenon {
namespace {

using Json = nlohmann::json;

SamplingParams params_of(const Json& p) {
  SamplingParams params;
  params.top_k = p["top_k"], params.typical = p["typical"], params.top_p = p["top_p"];
  params.min_p = p["min_p"], params.temperature = p["temperature"];
  params.repeat_penalty = p["repeat_penalty"], params.repeat_last_n = p["repeat_last_n"];
  params.frequency_penalty = p["frequency_penalty"];
  params.presence_penalty = p["presence_penalty"];
  if (p.contains("logit_bias"))
    for (const Json& b : p["logit_bias"]) params.logit_bias.push_back({b[0], b[1]});
  return params;
}

// All filters but the draw. Without candidate filters the draw is from everything, which
// oracle_test.cpp covers: a min_p that keeps everything stands in for it.
std::map<TokenId, double> kept(SamplingParams params, std::vector<float> logits,
                               const std::vector<TokenId>& accepted) {
  if (takes_everything(params, logits.size())) params.min_p = 1e-30f;
  RecentTokens recent(static_cast<std::size_t>(params.repeat_last_n), logits.size());
  for (const TokenId id : accepted) recent.push(id);
  for (const LogitFilter& filter : k_logit_filters) filter.apply(params, recent, logits);
  std::vector<float> maxima(LogitBlocks::count(logits.size()));
  Selection selection(params, logits.size());
  Candidates c = selection.select(params, LogitBlocks(logits, maxima));
  for (const CandidateFilter& filter : k_candidate_filters) filter.apply(params, c);
  const double total = c.weigh();
  std::map<TokenId, double> result;
  for (std::size_t i = 0; i < c.items.size(); ++i) result[c.items[i].id] = c.weights[i] / total;
  return result;
}

TEST(SamplingGolden, SameTokensAndProbabilities) {
  std::ifstream file(TENON_GOLDEN);
  const Json cases = Json::parse(file);
  ASSERT_GE(cases.size(), 64u);
  for (const Json& golden : cases) {
    SCOPED_TRACE(golden["params"].dump());
    const auto got = kept(params_of(golden["params"]), golden["logits"], golden["accepted"]);
    ASSERT_EQ(got.size(), golden["kept"].size());
    for (const Json& token : golden["kept"]) {
      const auto found = got.find(token[0].get<TokenId>());
      ASSERT_NE(found, got.end()) << token;
      EXPECT_NEAR(found->second, token[1].get<double>(), 2e-6) << token;
    }
  }
}

}  // namespace
}  // namespace tenon
