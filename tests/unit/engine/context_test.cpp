// What a full context, a full cache, wrong rows and cancellation do: an error that says needed and
// available, and sequences as they were before the step.
#include <gmock/gmock.h>

#include "tests/unit/engine/tiny_file.hpp"

namespace tenon::testing {
namespace {

using ::testing::HasSubstr;

class Context : public ::testing::Test {
 protected:
  LoadOptions options() const {
    LoadOptions o;
    o.backend = "cpu/reference";
    o.n_ctx = 70;
    o.max_sequences = 2;
    o.n_threads = 1;
    o.max_out_rows = 70;
    return o;
  }
  std::vector<StepRow> rows(SequenceId id, std::size_t n) const {
    std::vector<StepRow> out;
    for (const TokenId token : some_tokens(n)) out.push_back({token, id, true});
    return out;
  }

  TinyFile file_;
  LoadedModel loaded_{file_.path()};
};

TEST_F(Context, FullIsALimitAndLeavesTheSequence) {
  const auto runtime = loaded_.runtime(options());
  const auto id = *runtime->open_sequence();
  ASSERT_TRUE(runtime->step(rows(id, 60), nullptr));
  const auto refused = runtime->step(rows(id, 11), nullptr);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::limit);
  EXPECT_THAT(refused.error().message(), HasSubstr("needed 71"));
  EXPECT_THAT(refused.error().message(), HasSubstr("available 70"));
  EXPECT_EQ(runtime->length(id), 60);
  EXPECT_TRUE(runtime->step(rows(id, 10), nullptr));
}

TEST_F(Context, EveryPageComesBackAfterARefusedStep) {
  const auto runtime = loaded_.runtime(options());
  const auto a = *runtime->open_sequence(), b = *runtime->open_sequence();
  for (int i = 0; i < 20; ++i) {
    ASSERT_FALSE(runtime->step(rows(a, 71), nullptr));
    runtime->truncate(a, 0);
  }
  EXPECT_TRUE(runtime->step(rows(a, 70), nullptr));
  EXPECT_TRUE(runtime->step(rows(b, 70), nullptr));
}

TEST_F(Context, SequencesAreLimited) {
  const auto runtime = loaded_.runtime(options());
  ASSERT_TRUE(runtime->open_sequence());
  const auto second = runtime->open_sequence();
  ASSERT_TRUE(second);
  const auto third = runtime->open_sequence();
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code(), ErrorCode::limit);
  runtime->close_sequence(*second);
  EXPECT_TRUE(runtime->open_sequence());
}

TEST_F(Context, WrongRowsAreRefused) {
  const auto runtime = loaded_.runtime(options());
  const auto id = *runtime->open_sequence();
  const auto refuses = [&](StepRow row, ErrorCode code) {
    const auto logits = runtime->step({&row, 1}, nullptr);
    return !logits && logits.error().code() == code;
  };
  EXPECT_TRUE(refuses({-1, id, true}, ErrorCode::usage));
  EXPECT_TRUE(refuses({static_cast<TokenId>(tiny::k_vocab), id, true}, ErrorCode::usage));
  EXPECT_TRUE(refuses({0, id + 1, true}, ErrorCode::failed));  // not open
  EXPECT_TRUE(refuses({0, 77, true}, ErrorCode::failed));
  EXPECT_FALSE(runtime->step({}, nullptr));
  EXPECT_FALSE(runtime->step(rows(id, 71), nullptr));
  EXPECT_TRUE(runtime->step(rows(id, 1), nullptr));
}

TEST_F(Context, ACancelledStepLeavesTheSequence) {
  const auto runtime = loaded_.runtime(options());
  const auto id = *runtime->open_sequence();
  const std::vector<StepRow> step = rows(id, 20);
  const auto whole = runtime->step(step, nullptr);
  ASSERT_TRUE(whole);
  const std::vector<float> expected(whole->begin(), whole->end());
  runtime->truncate(id, 0);
  const std::uint32_t raised = 1;
  const auto cancelled = runtime->step(step, &raised);
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error().code(), ErrorCode::cancelled);
  EXPECT_EQ(runtime->length(id), 0);
  const auto again = runtime->step(step, nullptr);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_TRUE(same_bits(*again, expected));
}

struct BadOptions {
  const char* name;
  void (*change)(LoadOptions&, LoadReport&);
  ErrorCode code;
  const char* says;
};

// The flag is raised when planning has begun: the plan is not finished first.
TEST_F(Context, LoadingCanBeCancelledWhileItPlans) {
  std::uint32_t cancel = 0;
  LoadReport report;
  report.cancel = &cancel;
  report.progress = [&](std::string_view stage, double) {
    cancel = stage == "plan" ? 1 : 0;
    return true;
  };
  const auto made = start_runtime(*loaded_.model, *loaded_.devices, options(), report);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), ErrorCode::cancelled);
  EXPECT_GT(report.timings.devices_ms, 0);
  EXPECT_EQ(report.timings.plan_ms, 0);
}

class RuntimeRefuses : public Context, public ::testing::WithParamInterface<BadOptions> {};

TEST_P(RuntimeRefuses, WithTheReason) {
  LoadOptions o = options();
  LoadReport report;
  GetParam().change(o, report);
  const auto made = start_runtime(*loaded_.model, *loaded_.devices, o, report);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), GetParam().code) << made.error().message();
  EXPECT_THAT(made.error().message(), HasSubstr(GetParam().says));
}

constexpr std::uint32_t k_raised = 1;
constexpr BadOptions k_bad_options[] = {
    {"batch", [](LoadOptions& o, LoadReport&) { o.batch = 0; }, ErrorCode::usage, "batch"},
    {"negative_context", [](LoadOptions& o, LoadReport&) { o.n_ctx = -1; }, ErrorCode::usage,
     "context"},
    {"huge_context", [](LoadOptions& o, LoadReport&) { o.n_ctx = std::int64_t{1} << 40; },
     ErrorCode::usage, "trained with 1024"},
    {"cache", [](LoadOptions& o, LoadReport&) { o.cache_type = "f17"; }, ErrorCode::usage, "f17"},
    {"quantised_cache", [](LoadOptions& o, LoadReport&) { o.cache_type = "q4_1"; },
     ErrorCode::unavailable, "kv_write"},
    {"backend", [](LoadOptions& o, LoadReport&) { o.backend = "abacus"; }, ErrorCode::unavailable,
     "cpu/0"},
    {"pack", [](LoadOptions& o, LoadReport&) { o.backend = "cpu/abacus"; }, ErrorCode::unavailable,
     "abacus"},
    {"device", [](LoadOptions& o, LoadReport&) { o.backend = "cpu/7"; }, ErrorCode::unavailable,
     "cpu/0"},
    {"sequences", [](LoadOptions& o, LoadReport&) { o.max_sequences = 0; }, ErrorCode::usage,
     "sequences"},
    {"cancelled", [](LoadOptions&, LoadReport& r) { r.cancel = &k_raised; }, ErrorCode::cancelled,
     "cancelled"},
};
INSTANTIATE_TEST_SUITE_P(All, RuntimeRefuses, ::testing::ValuesIn(k_bad_options),
                         [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace
}  // namespace tenon::testing
