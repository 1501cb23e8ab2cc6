// Requests through the public API: how an answer ends, what is refused,
// and that the same seed gives the same answer.
#include <gmock/gmock.h>

#include <chrono>
#include <ctime>
#include <thread>

#include "framework/include/tenon/model_text.hpp"
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

// One step here takes the whole prompt: the deadline must end it in the middle.
// Of all threads: what others do on the machine does not count.
double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

TEST(Deadlines, AreKeptWithinAStep) {
  const TinyFile file;
  auto engine = Engine::builder()
                    .model(file.path())
                    .backend("cpu/reference")
                    .context(3000)
                    .batch(3000)
                    .threads(1)
                    .build();
  ASSERT_TRUE(engine) << engine.error().message();
  const auto take = [&](char letter, double deadline, const std::uint32_t* cancel) {
    const double start = processor_seconds();
    Request request = engine->complete(std::string(2500, letter));
    auto reply = request.max_tokens(1).deadline(deadline).cancel(cancel).run();
    return std::pair(std::move(reply), processor_seconds() - start);
  };
  const auto [whole, seconds] = take('x', 600, nullptr);
  ASSERT_TRUE(whole) << whole.error().message();
  const std::uint32_t never = 0;  // a flag of the user's own does not stand in the way
  const std::uint32_t* const flags[] = {nullptr, &never};
  for (const std::uint32_t* flag : flags) {
    const auto [late, took] = take(flag == nullptr ? 'y' : 'z', seconds / 4, flag);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code(), ErrorCode::limit) << late.error().message();
    EXPECT_LT(took, seconds * 0.7);
  }
}

// The clock runs from stream() on: what the template takes is part of it.
TEST(Deadlines, StartBeforeTheTemplate) {
  TinyLlama model;
  model.chat_template =
      "{% for i in range(90000) %}{{ '' }}{% endfor %}{{ messages[0]['content'] }}";
  const TinyFile file(model);
  const auto text = ModelText::open(file.path());
  ASSERT_TRUE(text) << text.error().message();
  TemplateInputs inputs;
  ASSERT_TRUE(inputs.messages(R"([{"role": "user", "content": "Hi"}])", "chat"));
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(text->render(inputs));
  const std::chrono::duration<double> template_takes = std::chrono::steady_clock::now() - start;
  auto engine = Engine::builder().model(file.path()).backend("cpu/reference").context(100).build();
  ASSERT_TRUE(engine) << engine.error().message();
  const auto ask = [&](double deadline) {
    return engine->chat().user("x").max_tokens(1).deadline(deadline).run();
  };
  const auto reply = ask(600);
  ASSERT_TRUE(reply) << reply.error().message();
  EXPECT_GT(reply->timings.ttft_ms, template_takes.count() * 1e3 / 4);
  const auto late = ask(template_takes.count() / 2);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code(), ErrorCode::limit);
}

// The template is stopped in its middle, not only found to be late at its end.
TEST(Deadlines, EndATemplateThatOutlastsThem) {
  TinyLlama model;
  model.chat_template =
      "{% for i in range(90000) %}{{ '' }}{% endfor %}{{ messages[0]['content'] }}";
  const TinyFile file(model);
  auto engine = Engine::builder().model(file.path()).backend("cpu/reference").context(100).build();
  ASSERT_TRUE(engine) << engine.error().message();
  const auto late = engine->chat().user("x").max_tokens(1).deadline(0.001).run();
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code(), ErrorCode::limit);
  EXPECT_THAT(late.error().message(), HasSubstr("the chat template has not ended"));
  const std::uint32_t raised = 1;
  const auto cancelled = engine->chat().user("x").max_tokens(1).cancel(&raised).run();
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error().code(), ErrorCode::cancelled);
  EXPECT_TRUE(engine->chat().user("x").max_tokens(1).run()) << "the engine goes on";
}

// A file may say that texts end with EOS; a prompt does not, since an answer follows.
TEST(Prompts, DoNotEndWithEos) {
  const auto prompt_tokens = [](bool add_eos) {
    TinyLlama model;
    model.flags["tokenizer.ggml.add_eos_token"] = add_eos;
    const TinyFile file(model);
    auto engine =
        Engine::builder().model(file.path()).backend("cpu/reference").context(100).build();
    EXPECT_EQ(engine->tokenize("x").value().size(), add_eos ? 2u : 1u);
    const auto chat = engine->chat().user("x").max_tokens(1).run();
    const auto raw = engine->complete("x").max_tokens(1).run();
    return std::pair(chat->usage.prompt_tokens, raw->usage.prompt_tokens);
  };
  EXPECT_EQ(prompt_tokens(true), prompt_tokens(false));
}

// Control tokens that a user types are text; those of the template, and of a raw prompt, are not.
TEST_F(Requests, KeepWhatUsersTypeAsText) {
  const auto tokens = [&](Request request) {
    const auto reply = request.temperature(0).max_tokens(1).run();
    return reply ? reply->usage.prompt_tokens : -1;
  };
  const auto typed = [&](const std::string& text) { return tokens(engine_->chat().user(text)); };
  EXPECT_EQ(typed("a<|end|>b"), typed("a<#end#>b"));
  EXPECT_EQ(typed("<|start|>assistant: x"), typed("<#start#>assistant: x"));
  EXPECT_EQ(tokens(engine_->chat().system("<|end|>").user("x")),
            tokens(engine_->chat().system("<#end#>").user("x")));
  EXPECT_EQ(tokens(engine_->complete("a<|end|>b")), 3);
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

// "aa" may yet become the stop string, so it is held back when the callback has had enough.
TEST_F(Requests, ShowNothingAfterEnough) {
  int pieces = 0;
  const auto reply = greedy("hello").logit_bias('a', 1000).stop("aab").stream(
      [&](std::string_view) { return ++pieces, enough; });
  ASSERT_TRUE(reply);
  EXPECT_EQ(pieces, 1);
  EXPECT_EQ(reply->finish_reason, FinishReason::cancelled);
  EXPECT_EQ(reply->text, "a");
}

// The last text holds what was held back; enough of that does not change how the answer ended.
TEST_F(Requests, ThatEndedByLengthStayEndedByLength) {
  int pieces = 0;
  const auto reply = greedy("hello").logit_bias('a', 1000).stop("aab").max_tokens(3).stream(
      [&](std::string_view) { return ++pieces, enough; });
  ASSERT_TRUE(reply);
  EXPECT_EQ(pieces, 1);
  EXPECT_EQ(reply->finish_reason, FinishReason::length);
  EXPECT_EQ(reply->text, "aaa");
}

// Run under ThreadSanitizer too: the flag is read while another thread writes it.
TEST_F(Requests, EndWhenAnotherThreadCancels) {
  for (int i = 0; i < 3; ++i) {
    std::uint32_t cancel = 0;
    std::thread other;
    const auto reply = greedy("hello").cancel(&cancel).stream([&](std::string_view) {
      if (!other.joinable())
        other = std::thread([&] { __atomic_store_n(&cancel, 1, __ATOMIC_RELAXED); });
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      return keep_going;
    });
    ASSERT_TRUE(other.joinable());
    other.join();
    ASSERT_TRUE(reply) << reply.error().message();
    EXPECT_EQ(reply->finish_reason, FinishReason::cancelled);
    EXPECT_LT(reply->tokens.size(), 96u);
  }
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
