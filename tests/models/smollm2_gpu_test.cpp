// SmolLM2 on a GPU backend alone ($TENON_TEST_BACKEND): how far its logits are from the exact answer.
#include "tests/models/gpu_backend.hpp"
#include "tests/models/smollm2.hpp"

namespace tenon::testing {
namespace {

constexpr double k_llama_cpp = 7.6e-4;         // what its default settings reach on these goldens
constexpr std::size_t k_llama_cpp_top1 = 137;  // of 144

TEST(SmolLM2OnGpu, IsNoFurtherFromExactThanLlamaCpp) {
  const Golden golden;
  const LoadedModel loaded(smollm2_path());
  LoadOptions o;
  o.backend = gpu_backend();
  o.cache_type = "f32";
  o.n_ctx = 256;
  o.max_out_rows = 144;
  const auto runtime = loaded.runtime(o);
  EXPECT_EQ(nodes_elsewhere(*runtime), "0");
  const auto chunk = static_cast<std::size_t>(runtime->max_out_rows());
  const auto logits = logits_of(*runtime, golden.tokens.values, chunk);
  const Distance d = distance(golden, logits);
  std::cout << "NMSE " << d.nmse << ", top-1 " << d.same_top1 << '\n';
  EXPECT_LE(d.nmse, k_llama_cpp);
  EXPECT_GE(d.same_top1, k_llama_cpp_top1);
  const std::span some(golden.tokens.values.data(), 6);
  const auto one_by_one = logits_of(*runtime, some, 1);
  EXPECT_TRUE(same_bits(one_by_one, std::span(logits).first(one_by_one.size())));
}

}  // namespace
}  // namespace tenon::testing
