// How far the logits of Gemma-3-270M Q4_K_M are from the exact answer,
// for every kernel pack of this machine.
#include "tests/models/goldens.hpp"
#include "tests/models/loaded_model.hpp"

namespace tenon::testing {
namespace {

constexpr double k_reference = 1e-6;
// llama.cpp's default settings on these goldens: 1.94e-3, and 121 of 128 top-1 choices.
constexpr double k_llama_cpp = 1.9e-3;
constexpr std::size_t k_llama_cpp_top1 = 121;

class Gemma3Logits : public ::testing::Test {
 protected:
  Distance measure(const std::string& pack, const char* cache) {
    RuntimeOptions o;
    o.backend = pack;
    o.cache_type = cache;
    o.n_ctx = 256;
    o.max_out_rows = 128;
    const auto runtime = loaded_.runtime(o);
    const auto& tokens = golden_.tokens.values;
    const Distance d = distance(golden_, logits_of(*runtime, tokens, tokens.size()));
    std::cout << pack << ", " << cache << " cache: NMSE " << d.nmse << ", top-1 " << d.same_top1
              << " of " << tokens.size() << '\n';
    return d;
  }

  Golden golden_{"gemma3"};
  LoadedModel loaded_{fetched_model("gemma3")};
};

TEST_F(Gemma3Logits, OfTheReferencePackAreExact) {
  const Distance d = measure("cpu/reference", "f32");
  EXPECT_LE(d.nmse, k_reference);
  EXPECT_EQ(d.same_top1, golden_.tokens.values.size());
}

TEST_F(Gemma3Logits, OfTheFastPacksAreNoFurtherThanThoseOfLlamaCpp) {
  for (const std::string& pack : loaded_.usable_packs()) {
    if (pack == "cpu/reference") continue;
    const Distance d = measure(pack, "f16");
    EXPECT_LE(d.nmse, k_llama_cpp) << pack;
    EXPECT_GE(d.same_top1, k_llama_cpp_top1) << pack;
  }
}

}  // namespace
}  // namespace tenon::testing
