// How far the logits of SmolLM2 are from the exact answer, for every kernel pack of this machine
// and for the foreign device.
#include "framework/include/tenon/tenon.hpp"
#include "tests/models/smollm2.hpp"

namespace tenon::testing {
namespace {

// What llama.cpp's default settings reach on these goldens, and what they may not exceed anywhere.
constexpr double k_llama_cpp = 7.6e-4, k_gate = 1.2e-3;
constexpr std::size_t k_llama_cpp_top1 = 137;  // of 144; four gaps between best and next are < 0.03
constexpr double k_reference = 1e-6, k_reference_measured = 1e-10;

LoadOptions options(const std::string& backend) {
  LoadOptions o;
  o.backend = backend;
  o.cache_type = "f32";
  o.n_ctx = 256;
  o.max_out_rows = 144;
  return o;
}

class Logits : public ::testing::Test {
 protected:
  Distance measure(const LoadedModel& loaded, const LoadOptions& o, const char* what = "") {
    const auto runtime = loaded.runtime(o);
    const auto chunk = static_cast<std::size_t>(runtime->max_out_rows());
    const auto logits = logits_of(*runtime, golden_.tokens.values, chunk);
    const Distance d = distance(golden_, logits);
    std::cout << o.backend << ", " << o.cache_type << " cache" << what << ": NMSE " << d.nmse
              << ", top-1 " << d.same_top1 << " of " << golden_.tokens.values.size() << '\n';
    return d;
  }

  Golden golden_;
  LoadedModel loaded_{smollm2_path()};
};

TEST_F(Logits, OfTheGoldensAreWhereWeThink) {
  ASSERT_GE(golden_.tokens.values.size(), 128u);
  EXPECT_EQ(golden_.ids.shape, (std::vector<std::uint64_t>{golden_.tokens.values.size(), 256}));
  EXPECT_EQ(golden_.logits.shape, golden_.ids.shape);
}

TEST_F(Logits, OfTheReferencePackAreExact) {
  const Distance d = measure(loaded_, options("cpu/reference"));
  EXPECT_LE(d.nmse, k_reference);
  EXPECT_LE(d.nmse, k_reference_measured);
  EXPECT_EQ(d.same_top1, golden_.tokens.values.size());
}

TEST_F(Logits, OfTheFastPacksAreNoFurtherThanThoseOfLlamaCpp) {
  for (const std::string& pack : loaded_.usable_packs()) {
    if (pack == "cpu/reference") continue;
    for (const char* cache : {"f32", "f16"}) {
      LoadOptions o = options(pack);
      o.cache_type = cache;
      const Distance d = measure(loaded_, o);
      EXPECT_LE(d.nmse, k_gate) << pack << ", " << cache;
      EXPECT_LE(d.nmse, k_llama_cpp) << pack << ", " << cache;
      EXPECT_GE(d.same_top1, k_llama_cpp_top1) << pack << ", " << cache;
    }
  }
}

// Measured 1.8e-4: rounding keys and values to 8 bits costs less than rounding activations does.
// Far less would mean that the cache is not what was asked for.
TEST_F(Logits, WithAnInt8CacheAreNear) {
  LoadOptions o = options("cpu/reference");
  o.cache_type = "q8_0";
  const Distance d = measure(loaded_, o);
  EXPECT_LE(d.nmse, 3e-4);
  EXPECT_GE(d.nmse, 1e-6);
  EXPECT_GE(d.same_top1, k_llama_cpp_top1);
}

TEST_F(Logits, OfTheForeignDeviceAreExact) {
  const LoadedModel foreign(smollm2_path(),
                            {std::filesystem::path(TENON_EXAMPLES_DIR) / "foreign.tenon.so"});
  // The first has all ops of a llama, the second keeps no cache.
  for (const char* device : {"foreign/0", "foreign/1"}) {
    const LoadOptions o = options(device);
    const std::size_t partitions = foreign.runtime(o)->loaded().context.partitions.size();
    if (device == std::string("foreign/0"))
      EXPECT_EQ(partitions, 1u) << "something fell back to the CPU";
    else
      EXPECT_GT(partitions, 1u) << "nothing fell back to the CPU";
    const Distance d = measure(foreign, o);
    EXPECT_LE(d.nmse, 1e-6) << device;
    EXPECT_EQ(d.same_top1, golden_.tokens.values.size()) << device;
  }
}

// A pack of one kernel takes the place of a built-in one where it is asked to, and nowhere else.
TEST_F(Logits, WithAPinnedKernelStayWithinTheGate) {
  const LoadedModel loaded(smollm2_path(),
                           {std::filesystem::path(TENON_EXAMPLES_DIR) / "one_kernel.tenon.so"});
  const auto exact =
      logits_of(*loaded.runtime(options("cpu/reference")), golden_.tokens.values, 144);
  LoadOptions o = options("cpu/reference");
  auto rule = parse_kernel_rule("matmul[q4_1]@cpu=tenon.example.matmul-q4_1");
  ASSERT_TRUE(rule) << rule.error().message();
  o.rules = {*rule};
  const auto runtime = loaded.runtime(o);
  const auto pinned = logits_of(*runtime, golden_.tokens.values, 144);
  const Distance d = distance(golden_, pinned);
  std::cout << "one kernel pinned: NMSE " << d.nmse << " from the goldens, " << nmse(pinned, exact)
            << " from the reference\n";
  EXPECT_LE(d.nmse, 1e-6);
  EXPECT_EQ(d.same_top1, golden_.tokens.values.size());
  EXPECT_FALSE(same_bits(pinned, exact)) << "the kernel did not run";
}

TEST(Answer, ToAQuestionIsSensible) {
  struct Case {
    const char* backend;
    std::vector<const char*> plugins;
  };
  const std::vector<Case> cases = {{"cpu/reference", {}}, {"foreign", {"foreign.tenon.so"}}};
  for (const Case& c : cases) {
    auto builder = Engine::builder();
    builder.model(smollm2_path()).backend(c.backend).context(256).cache_type("f32");
    for (const char* plugin : c.plugins)
      builder.plugin(std::filesystem::path(TENON_EXAMPLES_DIR) / plugin);
    auto engine = builder.build();
    ASSERT_TRUE(engine) << engine.error().message();
    const auto reply = engine->chat().user("What is the capital of France?").temperature(0).run();
    ASSERT_TRUE(reply) << reply.error().message();
    EXPECT_EQ(reply->text, "The capital of France is Paris.") << c.backend;
    EXPECT_EQ(reply->finish_reason, FinishReason::stop) << c.backend;
  }
}

}  // namespace
}  // namespace tenon::testing
