// After warm-up a step and a draw allocate nothing: neither the host nor the plugins.
// A step may cross into new pages, grow the context and change the number of rows.
#include <gtest/gtest.h>

#include "framework/sampling/sampler.hpp"
#include "tests/unit/engine/malloc_count.hpp"
#include "tests/unit/engine/tiny_file.hpp"

namespace tenon::testing {
namespace {

class Allocations : public ::testing::Test {
 protected:
  RuntimeOptions options(const std::string& backend) const {
    RuntimeOptions o;
    o.backend = backend;
    o.n_ctx = 512;
    o.n_threads = 2;
    o.max_sequences = 3;
    o.chunk = 128;
    return o;
  }

  TinyFile file_;
  LoadedModel loaded_{file_.path()};
};

TEST(MallocCount, SeesTheProgramAndTheLibraries) {
  const std::size_t before = malloc_count();
  const auto* volatile made = new int(1);  // volatile: not to be optimised away
  delete made;
  const std::size_t after_new = malloc_count();
  EXPECT_GT(after_new, before);
  const HostTable host;
  ScanOptions scan;
  scan.directories = {TENON_TEST_PLUGIN_DIR};
  const auto catalog = Catalog::scan(host, scan);
  ASSERT_TRUE(catalog);
  const BackendOffer* backend = catalog->find_backend("cpu");
  ASSERT_NE(backend, nullptr);
  const auto infos = enumerate_devices(host, *backend->desc);
  ASSERT_TRUE(infos);
  // Opening a device is the plugin's own work: it makes objects and a pool.
  tn_device* device = nullptr;
  const tn_open_opts opts{sizeof(opts), 1};
  const std::size_t before_open = malloc_count();
  ASSERT_EQ(backend->desc->open(host.get(), 0, &opts, &device), TN_OK);
  EXPECT_GT(malloc_count(), before_open);
  backend->desc->api->close(device);
}

TEST_F(Allocations, NoneInADecodeStep) {
  for (const std::string& pack : loaded_.usable_packs()) {
    SCOPED_TRACE(pack);
    const auto runtime = loaded_.runtime(options(pack));
    auto sampler = Sampler::create({}, static_cast<std::size_t>(loaded_.model->n_vocab()));
    ASSERT_TRUE(sampler);
    const auto id = *runtime->open_sequence();
    StepRow row{5, id, true};
    const auto warm = runtime->step({&row, 1}, nullptr);
    ASSERT_TRUE(warm && sampler->sample(*warm));
    const std::size_t before = malloc_count();
    bool good = true;
    for (int i = 0; i < 300; ++i) {  // through several pages
      const auto logits = runtime->step({&row, 1}, nullptr);
      const auto token = logits ? sampler->sample(*logits) : Result<TokenId>(fail(logits));
      good = good && token;
      if (!token) break;
      sampler->accept(*token);
      row.token = *token;
    }
    const std::size_t allocated = malloc_count() - before;
    EXPECT_TRUE(good);
    EXPECT_EQ(allocated, 0u) << "in 300 steps";
    EXPECT_EQ(runtime->length(id), 301);
  }
}

TEST_F(Allocations, NoneInAStepOfManySequencesNorInTruncation) {
  const std::vector<TokenId> tokens = some_tokens(128);
  for (const std::string& pack : loaded_.usable_packs()) {
    SCOPED_TRACE(pack);
    const auto runtime = loaded_.runtime(options(pack));
    std::vector<SequenceId> ids;
    for (int i = 0; i < 3; ++i) ids.push_back(*runtime->open_sequence());
    std::vector<StepRow> rows;
    rows.reserve(128);
    bool good = true;
    const auto round = [&] {
      for (const std::size_t n : {1u, 3u, 8u, 9u, 64u, 100u, 128u}) {
        rows.clear();
        for (std::size_t i = 0; i < n; ++i) rows.push_back({tokens[i], ids[i % 3], i + 3 > n});
        good = good && runtime->step(rows, nullptr);
      }
      for (const SequenceId id : ids) runtime->truncate(id, 10);
    };
    round();
    const std::size_t before = malloc_count();
    for (int i = 0; i < 5; ++i) round();
    const std::size_t allocated = malloc_count() - before;
    EXPECT_TRUE(good);
    EXPECT_EQ(allocated, 0u);
  }
}

TEST_F(Allocations, NoneInADrawWithEveryFilterOn) {
  SamplingParams params;
  params.temperature = 0.9F;
  params.top_k = 50;
  params.top_p = 0.9F;
  params.min_p = 0.01F;
  params.typical = 0.95F;
  params.repeat_penalty = 1.1F;
  params.presence_penalty = 0.1F;
  params.frequency_penalty = 0.1F;
  params.logit_bias = {{5, -1.0F}};
  auto sampler = Sampler::create(params, 49152);
  ASSERT_TRUE(sampler) << sampler.error().message();
  std::vector<float> logits(49152);
  for (std::size_t i = 0; i < logits.size(); ++i)
    logits[i] = static_cast<float>(i * 7919 % 1000) / 100.0F;
  const std::size_t before = malloc_count();
  bool good = true;
  for (int i = 0; i < 100; ++i) {
    const auto token = sampler->sample(logits);
    good = good && token;
    if (token) sampler->accept(*token);
  }
  const std::size_t allocated = malloc_count() - before;
  EXPECT_TRUE(good);
  EXPECT_EQ(allocated, 0u);
}

}  // namespace
}  // namespace tenon::testing
