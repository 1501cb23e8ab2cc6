// The engine on a stand-in for discrete GPUs: small buffers, own layouts, late work, and faults.
#include <gmock/gmock.h>

#include "framework/include/tenon/tenon.hpp"
#include "tests/unit/engine/environment.hpp"
#include "tests/unit/engine/tiny_file.hpp"

namespace tenon::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t k_max_alloc = std::uint64_t{1} << 20;

LoadOptions options(const std::string& backend) {
  LoadOptions o;
  o.backend = backend;
  o.cache_type = "f32";
  o.n_ctx = 512;
  o.max_out_rows = 512;
  o.n_threads = 1;
  return o;
}

double nmse(std::span<const float> a, std::span<const float> b) {
  double error = 0, power = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    error += (double{a[i]} - double{b[i]}) * (double{a[i]} - double{b[i]});
    power += double{b[i]} * double{b[i]};
  }
  return error / power;
}

class OnForeign : public ::testing::Test {
 protected:
  TinyFile file_{TinyLlama::wide()};
  LoadedModel loaded_{file_.path(), {TENON_FOREIGN_PLUGIN}};
  std::vector<TokenId> tokens_ = some_tokens(300);
};

TEST_F(OnForeign, AnswersAreThoseOfTheReference) {
  const auto exact = logits_of(*loaded_.runtime(options("cpu/reference")), tokens_, 300);
  for (const char* device : {"foreign", "foreign/1"}) {
    const auto runtime = loaded_.runtime(options(device));
    const GraphContext& context = runtime->loaded().context;
    EXPECT_EQ(context.targets.at(0).device.info().backend, "foreign");
    EXPECT_EQ(context.targets[0].device.info().index, device == std::string("foreign") ? 0u : 1u);
    EXPECT_EQ(context.partitions.size() == 1, device == std::string("foreign"))
        << "the second keeps no cache: layers cross";
    const auto batch = static_cast<std::size_t>(runtime->batch());
    EXPECT_LE(nmse(logits_of(*runtime, tokens_, batch), exact), 1e-10) << device;
  }
}

// 4096 values a row: 64 rows fill an operand of 1 MiB.
TEST_F(OnForeign, RowsAreBoundedSoThatOperandsFit) {
  const auto runtime = loaded_.runtime(options("foreign"));
  EXPECT_EQ(runtime->batch(), 64);
  const GraphContext& context = runtime->loaded().context;
  EXPECT_GT(context.arenas[0].size(), 1u);
  for (const DeviceBuffer& block : context.arenas[0]) EXPECT_LE(block.size, k_max_alloc);
  std::size_t rows_of_the_device = 0;
  for (const ShapeBucket& bucket : runtime->loaded().buckets)
    for (const auto& [value, place] : bucket.memory().devices[0].places) {
      EXPECT_EQ(place.offset % 256, 0u);
      ++rows_of_the_device;
    }
  EXPECT_GT(rows_of_the_device, 0u);
}

TEST_F(OnForeign, WeightsAreStoredAsTheDeviceAsks) {
  const auto runtime = loaded_.runtime(options("foreign"));
  const GraphContext& context = runtime->loaded().context;
  std::size_t own = 0;
  for (const auto& [place, layout] : context.placement.weights) {
    const Value& value = context.graph.values[place.weight];
    if (place.device != 0) continue;
    EXPECT_EQ(layout.id, value.shape.rank == 2 ? "foreign.r16/1" : "plain") << value.name;
    EXPECT_EQ(layout.packer, nullptr);
    if (!layout.plain()) ++own;
  }
  EXPECT_GE(own, 14u);
}

TEST_F(OnForeign, BitsDoNotDependOnChunks) {
  const auto runtime = loaded_.runtime(options("foreign/1"));
  const auto whole = logits_of(*runtime, tokens_, 64);
  for (const std::size_t chunk : {1u, 8u, 37u})
    EXPECT_TRUE(same_bits(logits_of(*runtime, tokens_, chunk), whole)) << chunk;
}

TEST_F(OnForeign, AutoPrefersWhatADeviceIs) {
  const auto runtime = loaded_.runtime(options("auto"));
  EXPECT_EQ(runtime->loaded().context.targets.at(0).device.info().backend, "foreign");
}

class Faulty : public ::testing::Test {
 protected:
  Engine build(const std::string& backend, const std::string& fallback = "") const {
    auto made = Engine::builder()
                    .model(file_.path())
                    .backend(backend)
                    .fallback(fallback)
                    .plugin(TENON_FOREIGN_PLUGIN)
                    .context(256)
                    .threads(1)
                    .build();
    if (!made) throw std::runtime_error(made.error().message());
    return std::move(*made);
  }
  static Result<Reply> answer(Engine& engine) {
    return engine.complete("once upon a time").temperature(0).ignore_eos().max_tokens(30).run();
  }

  TinyFile file_;
};

// More submissions than loading makes, fewer than a request.
constexpr int k_after_loading = 20;

TEST_F(Faulty, ALostDeviceIsAnErrorOfThatRequestAndTheNextOneRuns) {
  Engine whole = build("foreign/1");
  const auto expected = answer(whole);
  ASSERT_TRUE(expected) << expected.error().message();
  const Environment lose("TENON_FOREIGN_LOSE_AT", k_after_loading);
  Engine engine = build("foreign/1");
  const auto lost = answer(engine);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code(), ErrorCode::failed);
  EXPECT_THAT(lost.error().message(), HasSubstr("foreign/1: the work failed: the device was lost"));
  for (int i = 0; i < 2; ++i) {
    const auto next = answer(engine);
    ASSERT_TRUE(next) << next.error().message();
    EXPECT_EQ(next->tokens, expected->tokens);
  }
  EXPECT_THAT(engine.backend(), HasSubstr("foreign"));
}

// What was streamed stays and what follows is computed where the fallback says.
TEST_F(Faulty, WithAFallbackTheAnswerGoesOn) {
  Engine whole = build("cpu/reference");
  const auto expected = answer(whole);
  for (const char* fault : {"TENON_FOREIGN_LOSE_AT", "TENON_FOREIGN_FAIL_AT"}) {
    SCOPED_TRACE(fault);
    const Environment set(fault, k_after_loading);
    Engine engine = build("foreign/1", "cpu/reference");
    std::string streamed;
    const auto reply = engine.complete("once upon a time")
                           .temperature(0)
                           .ignore_eos()
                           .max_tokens(30)
                           .stream([&](std::string_view text) {
                             streamed += text;
                             return keep_going;
                           });
    ASSERT_TRUE(reply) << reply.error().message();
    EXPECT_EQ(reply->tokens, expected->tokens);
    EXPECT_EQ(reply->text, streamed);
    EXPECT_EQ(reply->usage.completion_tokens, 30);
    EXPECT_THAT(reply->fallback, HasSubstr("foreign/1: the work failed"));
    EXPECT_THAT(reply->fallback, HasSubstr("the answer goes on on cpu/reference"));
    EXPECT_EQ(engine.backend(), "cpu");
    const auto next = answer(engine);
    ASSERT_TRUE(next) << next.error().message();
    EXPECT_EQ(next->tokens, expected->tokens);
    EXPECT_EQ(next->fallback, "");
  }
}

TEST_F(Faulty, AFallbackThatIsNotThereIsRefusedAtOnce) {
  const auto made = Engine::builder().model(file_.path()).fallback("nowhere").build();
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), ErrorCode::unavailable);
  EXPECT_THAT(made.error().message(), HasSubstr("no backend nowhere to fall back to"));
}

// Two engines share a device: both lose it, and both go on.
TEST_F(Faulty, EnginesThatShareALostDeviceGoOn) {
  const Environment lose("TENON_FOREIGN_LOSE_AT", 2 * k_after_loading);
  auto host = Host::create({{TENON_FOREIGN_PLUGIN}, nullptr});
  ASSERT_TRUE(host);
  const auto made = [&] {
    return Engine::builder(*host)
        .model(file_.path())
        .backend("foreign")
        .context(256)
        .threads(1)
        .build();
  };
  auto one = made(), two = made();
  ASSERT_TRUE(one && two);
  int failed = 0;
  for (int i = 0; i < 6; ++i)
    for (Engine* engine : {&*one, &*two}) failed += answer(*engine) ? 0 : 1;
  EXPECT_EQ(failed, 1) << "the request that was running";
}

// A failure that is no loss: the queue goes on with a new timeline, nothing is loaded anew.
TEST_F(Faulty, AFailedStepIsAnErrorOfThatRequestOnly) {
  Engine whole = build("foreign/1");
  const auto expected = answer(whole);
  const Environment fail("TENON_FOREIGN_FAIL_AT", k_after_loading);
  Engine engine = build("foreign/1");
  const auto failed = answer(engine);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), ErrorCode::failed);
  const auto next = answer(engine);
  ASSERT_TRUE(next) << next.error().message();
  EXPECT_EQ(next->tokens, expected->tokens);
}

}  // namespace
}  // namespace tenon::testing
