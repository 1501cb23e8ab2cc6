// Requests through the public API: how an answer ends, what is refused,
// and that the same seed gives the same answer.
#include <gmock/gmock.h>

#include <chrono>
#include <thread>

#include "framework/include/tenon/tenon.hpp"
#include "tests/unit/engine/tiny_file.hpp"

namespace tenon::testing {
namespace {

using ::testing::HasSubstr;

class Requests : public ::testing::Test {
 protected:
  Requests() {
    auto made = Engine::builder()
                    .model(file_.path())
                    .backend("cpu/reference")
                    .context(100)
                    .threads(1)
                    .build();
    if (!made) throw std::runtime_error(made.error().message());
    engine_.emplace(std::move(*made));
  }

  Request greedy(const std::string& prompt) {
    Request request = engine_->complete(prompt);
    request.temperature(0).ignore_eos();
    return request;
  }

  TinyFile file_;
  std::optional<Engine> engine_;
};

TEST_F(Requests, EndAtTheGivenLength) {
  const auto reply = greedy("hello").max_tokens(7).run();
  ASSERT_TRUE(reply) << reply.error().message();
  EXPECT_EQ(reply->finish_reason, FinishReason::length);
  EXPECT_EQ(reply->tokens.size(), 7u);
  EXPECT_EQ(reply->usage.completion_tokens, 7);
  EXPECT_EQ(reply->usage.prompt_tokens, 4);  // "he" is one token
}

TEST_F(Requests, EndWithTheContext) {
  const auto reply = greedy("hello").run();
  ASSERT_TRUE(reply) << reply.error().message();
  EXPECT_EQ(reply->finish_reason, FinishReason::length);
  EXPECT_EQ(reply->usage.completion_tokens, 96);
}

TEST_F(Requests, OfNoTokensComputeThePromptOnly) {
  const auto reply = greedy("hello").max_tokens(0).run();
  ASSERT_TRUE(reply) << reply.error().message();
  EXPECT_EQ(reply->finish_reason, FinishReason::length);
  EXPECT_TRUE(reply->tokens.empty());
  EXPECT_EQ(reply->text, "");
}

TEST_F(Requests, WithALongDeadlineFinish) {
  const auto reply = greedy("hello").max_tokens(7).deadline(600).run();
  ASSERT_TRUE(reply) << reply.error().message();
  EXPECT_EQ(reply->tokens.size(), 7u);
}

TEST_F(Requests, ThatMissTheDeadlineFail) {
  const auto never = greedy("hello").deadline(1e-9).run();
  ASSERT_FALSE(never);
  EXPECT_EQ(never.error().code(), ErrorCode::limit);
  EXPECT_THAT(never.error().message(), HasSubstr("the deadline has passed: needed more than"));
  int pieces = 0;
  const auto late = greedy("hello").deadline(0.5).stream([&](std::string_view) {
    std::this_thread::sleep_for(std::chrono::milliseconds(++pieces == 3 ? 600 : 0));
    return keep_going;
  });
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code(), ErrorCode::limit);
  EXPECT_THAT(late.error().message(), HasSubstr("available 500 ms"));
  EXPECT_LE(pieces, 3);
  EXPECT_TRUE(greedy("hello").max_tokens(3).run());  // and nobody else does
}

TEST_F(Requests, WhosePromptFillsTheContextAreRefused) {
  EXPECT_TRUE(greedy(std::string(99, 'x')).max_tokens(1).run());
  const auto reply = greedy(std::string(100, 'x')).run();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code(), ErrorCode::limit);
  EXPECT_THAT(reply.error().message(), HasSubstr("needed 101"));
  EXPECT_THAT(reply.error().message(), HasSubstr("available 100"));
}

TEST_F(Requests, GiveTheSameForTheSameSeedAndStreamTheirText) {
  const auto answer = [&](std::uint64_t seed) {
    std::string streamed;
    Request request = engine_->complete("hello");
    const auto reply = request.seed(seed).ignore_eos().max_tokens(40).stream(
        [&](std::string_view text) { return streamed += text, keep_going; });
    EXPECT_TRUE(reply);
    EXPECT_EQ(reply->text, streamed);
    EXPECT_EQ(reply->seed, seed);
    return reply->tokens;
  };
  EXPECT_EQ(answer(1), answer(1));
  EXPECT_NE(answer(1), answer(2));
}

TEST_F(Requests, EndAtAStopString) {
  const auto whole = greedy("hello").max_tokens(30).run();
  ASSERT_TRUE(whole);
  const std::string stop = whole->text.substr(whole->text.size() / 2, 3);
  const auto reply = greedy("hello").max_tokens(30).stop(stop).run();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->finish_reason, FinishReason::stop);
  EXPECT_EQ(reply->text, whole->text.substr(0, whole->text.find(stop)));
}

TEST_F(Requests, EndWhenTheStreamHasEnough) {
  int pieces = 0;
  const auto reply =
      greedy("hello").stream([&](std::string_view) { return ++pieces == 3 ? enough : keep_going; });
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->finish_reason, FinishReason::cancelled);
  EXPECT_EQ(pieces, 3);
}

TEST_F(Requests, EndWhenCancelled) {
  std::uint32_t cancel = 0;
  int pieces = 0;
  const auto reply = greedy("hello").cancel(&cancel).stream(
      [&](std::string_view) { return cancel = ++pieces == 3 ? 1 : 0, keep_going; });
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->finish_reason, FinishReason::cancelled);
  EXPECT_EQ(pieces, 3);
  EXPECT_FALSE(reply->text.empty());
}

TEST_F(Requests, DoNotSeeEachOther) {
  const auto first = greedy("hello").max_tokens(20).run();
  ASSERT_TRUE(greedy("something else altogether").max_tokens(50).run());
  const auto again = greedy("hello").max_tokens(20).run();
  ASSERT_TRUE(first && again);
  EXPECT_EQ(first->tokens, again->tokens);
}

TEST_F(Requests, WithAnEmptyPromptAreRefused) {
  const auto reply = greedy("").run();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code(), ErrorCode::usage);
}

TEST_F(Requests, WrapTheTurnsInTheTemplate) {
  Request request = engine_->chat();
  const auto reply = request.user("x").temperature(0).max_tokens(1).run();
  ASSERT_TRUE(reply) << reply.error().message();
  // "<|start|>" "user: x" "<|end|>" "<|start|>" "assistant: ", where "er" and "an" are one token.
  EXPECT_EQ(reply->usage.prompt_tokens, 1 + 6 + 1 + 1 + 10);
}

TEST(NotFinite, LogitsAreAnError) {
  TinyLlama model;
  model.not_finite = {"blk.1.ffn_norm.weight"};
  const TinyFile file(model);
  auto engine = Engine::builder().model(file.path()).backend("cpu/reference").context(100).build();
  ASSERT_TRUE(engine) << engine.error().message();
  const auto reply = engine->complete("hello").max_tokens(3).run();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code(), ErrorCode::failed);
  EXPECT_THAT(reply.error().message(), HasSubstr("non_finite_logits"));
}

}  // namespace
}  // namespace tenon::testing
