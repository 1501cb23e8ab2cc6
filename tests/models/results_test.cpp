// Results of a step that are small: the tokens are those that all logits give, what is copied back is
// counted, and logits that are not finite are an error on every path.
#include <gmock/gmock.h>

#include "framework/engine/generation.hpp"
#include "plugins/conformance/oracle/top_k.hpp"
#include "tests/unit/engine/tiny_file.hpp"

namespace tenon::testing {
namespace {

using ::testing::HasSubstr;

struct Chain {
  const char* name;
  Results results;
  void (*change)(SamplingParams&);
};
const Chain k_chains[] = {
    {"greedy", Results::tokens, [](auto& p) { p.temperature = 0; }},
    {"as they are", Results::candidates, [](auto&) {}},
    {"greedy, penalised", Results::candidates,
     [](auto& p) { p.temperature = 0, p.repeat_penalty = 1.5f; }},
    {"hot, penalised and biased", Results::candidates,
     [](auto& p) {
       p.temperature = 3, p.presence_penalty = 1, p.frequency_penalty = 0.5f;
       p.logit_bias = {{7, 3}, {9, -INFINITY}, {200, 1}};
     }},
    {"typical", Results::candidates, [](auto& p) { p.typical = 0.6f, p.top_k = 256; }},
    {"without top_k", Results::logits, [](auto& p) { p.top_k = 0, p.temperature = 2; }},
};

// One that is named, or those of the CPU.
std::vector<std::string> backends() {
  const char* named = std::getenv("TENON_TEST_BACKEND");
  if (named != nullptr) return {named};
  return {"cpu/reference", "cpu"};
}

class SmallResults : public ::testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<Runtime> runtime(const LoadedModel& loaded, bool tail) const {
    LoadOptions o;
    o.backend = GetParam();
    o.n_ctx = 256;
    o.batch = 16;
    o.max_out_rows = 16;
    o.n_threads = 1;
    o.tail = tail;
    return loaded.runtime(o);
  }
  bool copies(const Runtime& runtime) const {
    return !runtime.loaded().context.targets[0].device.host_memory();
  }
  Result<Reply> answer(Runtime& runtime, const SamplingParams& sampling, std::int64_t n = 40) {
    GenerateOptions o;
    o.sampling = sampling;
    o.ignore_eos = true;
    o.max_tokens = n;
    PrefixCache kept;
    auto reply = generate(runtime, kept, some_tokens(20), o, {}, alarms_, Stopwatch());
    kept.drop(runtime);
    return reply;
  }
  Alarms alarms_;
};

TEST_P(SmallResults, GiveTheTokensThatAllLogitsGive) {
  const TinyFile file;
  const LoadedModel loaded(file.path());
  const auto less = runtime(loaded, true), whole = runtime(loaded, false);
  ASSERT_TRUE(less->makes(Results::tokens) && less->makes(Results::candidates));
  ASSERT_FALSE(whole->makes(Results::tokens) || whole->makes(Results::candidates));
  for (const Chain& chain : k_chains) {
    SCOPED_TRACE(chain.name);
    SamplingParams p;
    p.seed = 5;
    chain.change(p);
    const auto a = answer(*less, p), b = answer(*whole, p);
    ASSERT_TRUE(a && b);
    EXPECT_EQ(a->tokens, b->tokens);
    const double all = 4.0 * tiny::k_vocab;
    const double read = chain.results == Results::tokens       ? 4
                        : chain.results == Results::candidates ? 8 * (256 + 256)
                                                               : all;
    EXPECT_EQ(a->timings.read_bytes_per_token, copies(*less) ? read : 0);
    EXPECT_EQ(b->timings.read_bytes_per_token, copies(*whole) ? all : 0);
  }
}

// Many rows of several sequences, as a server asks for them.
TEST_P(SmallResults, OfEveryRowAreThoseOfItsLogits) {
  const TinyFile file;
  const LoadedModel loaded(file.path());
  const auto r = runtime(loaded, true);
  const auto tokens = some_tokens(11);
  const auto run = [&](Results results) {
    const auto id = *r->open_sequence();
    std::vector<StepRow> rows;
    for (std::size_t i = 0; i < tokens.size(); ++i) rows.push_back({tokens[i], id, i % 2 == 0});
    for (std::size_t i = 0; results == Results::candidates && i < 6; ++i) {
      std::ranges::fill(r->listed(i), -1);
      r->listed(i)[0] = static_cast<TokenId>(i);
      r->listed(i)[255] = 262;
    }
    const Status done = r->step_for(results, rows, nullptr);
    EXPECT_TRUE(done) << done.error().message();
    r->close_sequence(id);
  };
  std::vector<std::vector<float>> logits;
  run(Results::logits);
  for (std::size_t i = 0; i < 6; ++i)
    logits.emplace_back(r->row(i).logits.begin(), r->row(i).logits.end());
  EXPECT_TRUE(r->row(6).logits.empty());
  run(Results::tokens);
  for (std::size_t i = 0; i < 6; ++i)
    EXPECT_EQ(r->row(i).token[0], std::ranges::max_element(logits[i]) - logits[i].begin());
  run(Results::candidates);
  for (std::size_t i = 0; i < 6; ++i) {
    std::vector<TokenId> listed(256, -1);
    listed[0] = static_cast<TokenId>(i);
    listed[255] = 262;
    const auto want = oracle::top_k(logits[i], 256, listed);
    EXPECT_TRUE(std::ranges::equal(r->row(i).ids, want.ids)) << "row " << i;
    EXPECT_TRUE(same_bits(r->row(i).values, want.values)) << "row " << i;
  }
}

// A NaN or an infinity of any weight, wherever it is, arrives as an error by every chain.
TEST_P(SmallResults, ThatAreNotFiniteAreAnError) {
  const char* const tensors[] = {"output_norm.weight", "blk.1.ffn_norm.weight",
                                 "token_embd.weight"};
  for (const bool infinite : {false, true})
    for (const char* tensor : tensors) {
      TinyLlama model;
      (infinite ? model.infinite : model.not_finite) = {tensor};
      const TinyFile file(model);
      const LoadedModel loaded(file.path());
      const auto r = runtime(loaded, true);
      for (const Chain& chain : k_chains) {
        SCOPED_TRACE(::testing::Message()
                     << tensor << (infinite ? " inf, " : " NaN, ") << chain.name);
        SamplingParams p;
        chain.change(p);
        const auto reply = answer(*r, p, 3);
        ASSERT_FALSE(reply);
        EXPECT_EQ(reply.error().code(), ErrorCode::failed);
        EXPECT_THAT(reply.error().message(), HasSubstr("non_finite_logits"));
      }
    }
}

INSTANTIATE_TEST_SUITE_P(Backends, SmallResults, ::testing::ValuesIn(backends()),
                         [](const auto& row) {
                           std::string name = row.param;
                           std::ranges::replace(name, '/', '_');
                           return name;
                         });

}  // namespace
}  // namespace tenon::testing
