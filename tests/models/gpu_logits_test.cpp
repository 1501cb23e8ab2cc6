// Every architecture on a GPU backend alone ($TENON_TEST_BACKEND): no node runs elsewhere, the logits
// are those of transformers, and the same bits for any number of rows.
#include "tests/models/arch_model.hpp"
#include "tests/models/gpu_backend.hpp"

namespace tenon::testing {
namespace {

constexpr double k_exact = 1e-8;

LoadOptions options(std::int64_t chunk = k_arch_tokens) {
  LoadOptions o;
  o.backend = gpu_backend();
  o.cache_type = "f32";
  o.n_ctx = 512;
  o.batch = chunk;
  o.max_out_rows = chunk;
  o.n_threads = 1;
  return o;
}

double distance(const ArchModel& model, std::span<const float> logits) {
  const auto golden = model.golden();
  const std::size_t n_vocab = golden.shape.at(1);
  std::vector<float> got;
  for (const std::size_t r : ArchModel::rows()) {
    const auto row = logits.subspan(r * n_vocab, n_vocab);
    got.insert(got.end(), row.begin(), row.end());
  }
  return nmse(got, golden.values);
}

class GpuLogits : public ::testing::TestWithParam<std::string> {};

TEST_P(GpuLogits, AreExactAndTheSameForAnyChunk) {
  const ArchModel file(GetParam());
  const LoadedModel loaded(file.path());
  const auto runtime = loaded.runtime(options());
  EXPECT_EQ(nodes_elsewhere(*runtime), "0");
  const auto whole = logits_of(*runtime, file.tokens(), k_arch_tokens);
  const double error = distance(file, whole);
  EXPECT_LE(error, k_exact);
  std::cout << GetParam() << ": " << error << '\n';
  EXPECT_TRUE(same_bits(logits_of(*runtime, file.tokens(), 37), whole));
  const auto tokens = file.tokens();
  const auto one_by_one = logits_of(*runtime, std::span(tokens).first(40), 1, k_arch_tokens);
  EXPECT_TRUE(same_bits(one_by_one, std::span(whole).first(one_by_one.size())));
}

INSTANTIATE_TEST_SUITE_P(Goldens, GpuLogits, ::testing::ValuesIn(ArchModel::names()),
                         [](const auto& row) { return row.param; });

}  // namespace
}  // namespace tenon::testing
