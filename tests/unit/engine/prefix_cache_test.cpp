// What a prompt shares with the request before is not computed again, and changes no bit.
#include "framework/engine/prefix_cache.hpp"

#include <gmock/gmock.h>

#include "framework/include/tenon/tenon.hpp"
#include "tests/unit/engine/tiny_file.hpp"

namespace tenon::testing {
namespace {

class PrefixCache : public ::testing::Test {
 protected:
  Engine load(std::int64_t batch = 7) {
    auto made = Engine::builder()
                    .model(file_.path())
                    .backend("cpu/reference")
                    .context(300)
                    .batch(batch)
                    .threads(1)
                    .build();
    if (!made) throw std::runtime_error(made.error().message());
    return std::move(*made);
  }

  static Reply answer(Engine& engine, const std::string& prompt) {
    auto reply = engine.complete(prompt).temperature(0).ignore_eos().max_tokens(20).run();
    if (!reply) throw std::runtime_error(reply.error().message());
    return std::move(*reply);
  }

  TinyFile file_;
};

TEST_F(PrefixCache, IsReusedWithoutChangingTheAnswer) {
  Engine engine = load();
  const Reply first = answer(engine, "once upon a time");
  EXPECT_EQ(first.usage.cached_tokens, 0);
  for (const std::string prompt :
       {"once upon a time there was", "once upon a time there was", "once upon another time",
        "once", "never", "once upon a time there was a kernel"}) {
    const Reply kept = answer(engine, prompt);
    Engine fresh = load();
    EXPECT_EQ(kept.tokens, answer(fresh, prompt).tokens) << prompt;
    EXPECT_LT(kept.usage.cached_tokens, kept.usage.prompt_tokens);
  }
}

TEST_F(PrefixCache, IsAsLongAsWhatIsShared) {
  Engine engine = load();
  const Reply first = answer(engine, "abcdefgh");
  EXPECT_EQ(answer(engine, "abcdxxxx").usage.cached_tokens, 4);
  EXPECT_EQ(answer(engine, "abcdxxxx").usage.cached_tokens,
            7);  // the last is computed for its logits
  EXPECT_EQ(answer(engine, "zbcd").usage.cached_tokens, 0);
}

// The answer is part of what is stored, up to its last token, which was never computed.
TEST_F(PrefixCache, HoldsTheAnswerToo) {
  Engine engine = load();
  const Reply first = answer(engine, "abc");
  const auto again = engine.tokenize("abc" + first.text + "def");
  ASSERT_TRUE(again);
  const Reply second = answer(engine, "abc" + first.text + "def");
  std::int64_t shared = 3;
  while (shared < 3 + 19 && (*again)[static_cast<std::size_t>(shared)] ==
                                first.tokens[static_cast<std::size_t>(shared - 3)])
    ++shared;
  EXPECT_EQ(second.usage.cached_tokens, shared);
  EXPECT_GT(shared, 3);
}

TEST_F(PrefixCache, MakesRoomForLogits) {
  Engine engine = load();
  const Reply before = answer(engine, "once upon");
  const auto tokens = engine.tokenize("once upon a time");
  ASSERT_TRUE(tokens);
  std::size_t rows = 0;
  const Status s =
      engine.logits(*tokens, {.batch = 0, .last_only = true, .cancel = nullptr},
                    [&](std::span<const float>) -> Status { return ++rows, Status(); });
  ASSERT_TRUE(s) << s.error().message();
  EXPECT_EQ(rows, 1u);
  EXPECT_EQ(answer(engine, "once upon").tokens, before.tokens);
}

TEST_F(PrefixCache, SurvivesACancelledRequest) {
  Engine engine = load();
  const Reply wanted = answer(engine, "once upon a time");
  const std::uint32_t cancelled = 1;
  const auto reply =
      engine.complete("once upon a time there was a long prompt").cancel(&cancelled).run();
  ASSERT_TRUE(reply) << reply.error().message();
  EXPECT_EQ(reply->finish_reason, FinishReason::cancelled);
  EXPECT_EQ(answer(engine, "once upon a time").tokens, wanted.tokens);
}

// Whatever a request does between taking the sequence and its first step, it is not lost.
TEST_F(PrefixCache, GetsItsSequenceBackFromARequestThatDidNothing) {
  const LoadedModel loaded(file_.path());
  LoadOptions options;
  options.backend = "cpu/reference";
  options.n_ctx = 100;
  options.n_threads = 1;
  const auto runtime = loaded.runtime(options);  // of one sequence
  tenon::PrefixCache cache;
  const std::vector<TokenId> prompt = some_tokens(20);
  for (int i = 0; i < 3; ++i) {
    auto sequence = cache.take(*runtime, prompt, false);
    ASSERT_TRUE(sequence) << sequence.error().message();
    EXPECT_FALSE(cache.take(*runtime, prompt, false));  // it is out
    EXPECT_EQ(runtime->length(sequence->id()), i == 0 ? 0 : 5);
    if (i > 0) continue;
    std::vector<StepRow> rows;
    for (std::size_t t = 0; t < 5; ++t) rows.push_back({prompt[t], sequence->id(), false});
    ASSERT_TRUE(runtime->step(rows, nullptr));
    sequence->stored(std::span(prompt).first(5));
  }
}

// A callback that throws is the caller's affair; the engine answers the next request.
TEST_F(PrefixCache, SurvivesACallbackThatThrows) {
  Engine engine = load();
  const auto throws = [](std::string_view) -> bool { throw std::runtime_error("mine"); };
  EXPECT_THROW(engine.complete("once upon").temperature(0).ignore_eos().stream(throws),
               std::runtime_error);
  EXPECT_GT(answer(engine, "once upon a time").usage.cached_tokens, 0);
}

// Ctrl-C while loading: at whichever stage it comes, build() ends with ErrorCode::cancelled.
TEST_F(PrefixCache, LoadingCanBeCancelledAtEveryStage) {
  std::vector<std::string> stages;
  const auto build = [&](std::size_t last) {
    std::uint32_t cancel = 0;
    std::size_t n = 0;
    return Engine::builder()
        .model(file_.path())
        .backend("cpu/reference")
        .context(100)
        .threads(1)
        .cancel(&cancel)
        .on_progress([&](std::string_view stage, double) {
          if (last == SIZE_MAX) stages.emplace_back(stage);
          if (n++ == last) cancel = 1;
          return true;
        })
        .build();
  };
  ASSERT_TRUE(build(SIZE_MAX));
  ASSERT_GT(stages.size(), 3u);
  for (std::size_t i = 0; i + 1 < stages.size(); ++i) {
    const auto engine = build(i);
    ASSERT_FALSE(engine) << stages[i];
    EXPECT_EQ(engine.error().code(), ErrorCode::cancelled) << stages[i];
  }
}

}  // namespace
}  // namespace tenon::testing
