// Factors for long sequences: chosen for each sequence by how long it becomes, as transformers does,
// and never by the size of the context.
#include "framework/engine/generation.hpp"
#include "tests/models/arch_model.hpp"
#include "tests/models/loaded_model.hpp"

namespace tenon::testing {
namespace {

constexpr double k_exact = 1e-8;
constexpr std::size_t k_border = 150;  // of phi3_border
constexpr std::int64_t k_batch = 37;

class LongRope : public ::testing::Test {
 protected:
  static LoadOptions options(const std::string& backend, std::int64_t n_ctx) {
    LoadOptions o;
    o.backend = backend;
    o.cache_type = "f32";
    o.n_ctx = n_ctx;
    o.batch = k_batch;
    o.max_out_rows = k_batch;
    o.max_sequences = 2;
    o.n_threads = 1;
    return o;
  }

  std::vector<float> last_logits(Runtime& runtime, std::span<const TokenId> tokens,
                                 std::size_t length = 0) const {
    const auto all = logits_of(runtime, tokens, k_batch, length);
    return {all.end() - static_cast<std::ptrdiff_t>(n_vocab_), all.end()};
  }

  // Greedy, each token from logits that are computed from the start.
  std::vector<TokenId> expected(Runtime& runtime, std::vector<TokenId> tokens, std::size_t n,
                                std::size_t length = 0) const {
    const std::size_t prompt = tokens.size();
    while (tokens.size() < prompt + n) {
      const auto logits = last_logits(runtime, tokens, length);
      tokens.push_back(static_cast<TokenId>(std::ranges::max_element(logits) - logits.begin()));
    }
    return {tokens.begin() + static_cast<std::ptrdiff_t>(prompt), tokens.end()};
  }

  Reply answer(Runtime& runtime, PrefixCache& kept, std::span<const TokenId> prompt,
               std::optional<std::int64_t> max_tokens) {
    GenerateOptions o;
    o.sampling.temperature = 0;
    o.ignore_eos = true;
    o.max_tokens = max_tokens;
    auto reply = generate(runtime, kept, prompt, o, {}, alarms_, Stopwatch());
    if (!reply) throw std::runtime_error(reply.error().message());
    return std::move(*reply);
  }

  ArchModel file_{"phi3_border"};
  LoadedModel loaded_{file_.path()};
  std::vector<TokenId> tokens_ = file_.tokens();
  std::size_t n_vocab_ = static_cast<std::size_t>(loaded_.model->n_vocab());
  Alarms alarms_;
};

TEST_F(LongRope, LogitsAreExactOnBothSidesOfTheBorder) {
  const auto golden = file_.golden_by_length();
  const auto rows = ArchModel::rows();
  for (const std::string& pack : loaded_.usable_packs()) {
    const auto runtime = loaded_.runtime(options(pack, 300));
    const auto larger = loaded_.runtime(options(pack, 2048));
    for (const bool beyond : {false, true}) {
      std::vector<float> got, exact;
      for (std::size_t r = 0; r < rows.size(); ++r) {
        const std::size_t length = rows[r] + 1;
        if ((length > k_border) != beyond) continue;
        const auto logits = last_logits(*runtime, std::span(tokens_).first(length));
        EXPECT_TRUE(same_bits(last_logits(*larger, std::span(tokens_).first(length)), logits));
        got.insert(got.end(), logits.begin(), logits.end());
        const float* want = golden.values.data() + r * n_vocab_;
        exact.insert(exact.end(), want, want + n_vocab_);
      }
      ASSERT_FALSE(got.empty());
      const double error = nmse(got, exact);
      EXPECT_LE(error, k_exact) << pack << (beyond ? ", beyond" : ", within");
      std::cout << pack << (beyond ? ", beyond" : ", within") << " the border: " << error << '\n';
    }
  }
}

TEST_F(LongRope, AnAnswerThatCrossesTheBorderIsComputedAgain) {
  const auto runtime = loaded_.runtime(options("cpu/reference", 170));
  const std::span<const TokenId> prompt = std::span(tokens_).first(140);
  PrefixCache kept;
  const Reply reply = answer(*runtime, kept, prompt, std::nullopt);
  const auto want = expected(*runtime, {prompt.begin(), prompt.end()}, 30);
  EXPECT_EQ(reply.tokens, want);
  // The factors matter: those for short sequences give another answer.
  EXPECT_NE(expected(*runtime, {prompt.begin(), prompt.end()}, 30, 170), want);
}

TEST_F(LongRope, AnAnswerOfKnownLengthHasItsFactorsFromTheStart) {
  const auto runtime = loaded_.runtime(options("cpu/reference", 300));
  const std::vector<TokenId> prompt(tokens_.begin(), tokens_.begin() + 140);
  PrefixCache kept;
  EXPECT_EQ(answer(*runtime, kept, prompt, 30).tokens, expected(*runtime, prompt, 30, 169));
  // 140 + 11, but the last token is not computed: the sequence stays within the border.
  const Reply within = answer(*runtime, kept, prompt, 11);
  EXPECT_EQ(within.usage.cached_tokens, 0);  // what is kept has the other factors
  EXPECT_EQ(within.tokens, expected(*runtime, prompt, 11));
  EXPECT_EQ(answer(*runtime, kept, prompt, 5).usage.cached_tokens, 139);
}

// Sequences of both kinds in one step.
TEST_F(LongRope, NeighboursHaveFactorsOfTheirOwn) {
  for (const std::string& pack : loaded_.usable_packs()) {
    const auto runtime = loaded_.runtime(options(pack, 300));
    const std::span<const TokenId> tokens = std::span(tokens_).first(30);
    const auto alone_short = logits_of(*runtime, tokens, 15),
               alone_long = logits_of(*runtime, tokens, 15, 200);
    EXPECT_GT(nmse(alone_short, alone_long), 1e-4);
    const SequenceId a = *runtime->open_sequence(), b = *runtime->open_sequence();
    runtime->set_long(b, true);
    std::vector<float> got_short, got_long;
    for (std::size_t at = 0; at < tokens.size(); at += 15) {
      std::vector<StepRow> rows;
      for (std::size_t i = at; i < at + 15; ++i)
        for (const SequenceId id : {b, a}) rows.push_back({tokens[i], id, true});
      const auto logits = runtime->step(rows, nullptr);
      ASSERT_TRUE(logits) << logits.error().message();
      for (std::size_t r = 0; r < rows.size(); ++r) {
        const auto row = logits->subspan(r * n_vocab_, n_vocab_);
        std::vector<float>& to = rows[r].sequence == a ? got_short : got_long;
        to.insert(to.end(), row.begin(), row.end());
      }
    }
    EXPECT_TRUE(same_bits(got_short, alone_short)) << pack;
    EXPECT_TRUE(same_bits(got_long, alone_long)) << pack;
  }
}

// A step never mixes the two in one sequence: who drives it has to begin again.
TEST_F(LongRope, AStepDoesNotCrossTheBorder) {
  const auto runtime = loaded_.runtime(options("cpu/reference", 300));
  const SequenceId id = *runtime->open_sequence();
  std::vector<StepRow> rows;
  for (std::size_t i = 0; i < 30; ++i) rows.push_back({tokens_[i], id, false});
  for (std::size_t i = 0; i < 5; ++i) ASSERT_TRUE(runtime->step(rows, nullptr));
  const auto crossed = runtime->step(std::span(rows).first(1), nullptr);
  ASSERT_FALSE(crossed);
  EXPECT_NE(crossed.error().message().find("151 positions"), std::string::npos);
  EXPECT_EQ(runtime->length(id), 150);
  runtime->set_long(id, true);
  EXPECT_EQ(runtime->length(id), 0);
}

}  // namespace
}  // namespace tenon::testing
