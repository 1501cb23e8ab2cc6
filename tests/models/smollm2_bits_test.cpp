// SmolLM2's logits have the same bits for any threads, chunks and neighbours. The wide cases run on
// the tiny model (tests/unit/engine); here are real shapes, with as many positions as time allows.
#include "tests/models/smollm2.hpp"

namespace tenon::testing {
namespace {

struct Case {
  std::string pack;
  std::size_t rows;  // the reference pack takes some 50 ms per row and core
};

class Bits : public ::testing::Test {
 protected:
  std::vector<Case> cases() const {
    std::vector<Case> out;
    for (const std::string& pack : loaded_.usable_packs())
      out.push_back({pack, pack == "cpu/reference" ? 12u : 144u});
    return out;
  }
  static LoadOptions options(const Case& c, const std::string& cache, std::uint32_t threads,
                             std::uint32_t sequences = 1) {
    LoadOptions o;
    o.backend = c.pack;
    o.cache_type = cache;
    o.n_ctx = 256;
    o.n_threads = threads;
    o.max_sequences = sequences;
    o.max_out_rows = 144;
    return o;
  }
  std::span<const TokenId> tokens(std::size_t n, std::size_t from = 0) const {
    return std::span(golden_.tokens.values).subspan(from, n);
  }

  Golden golden_;
  LoadedModel loaded_{smollm2_path()};
};

TEST_F(Bits, DoNotDependOnThreadsOrChunks) {
  for (const Case& c : cases())
    for (const char* cache : {"f16", "f32"}) {
      const auto alone = logits_of(*loaded_.runtime(options(c, cache, 1)), tokens(c.rows), c.rows);
      for (const std::uint32_t threads : {1u, 2u, 3u}) {
        const auto runtime = loaded_.runtime(options(c, cache, threads));
        for (const std::size_t chunk : {1u, 5u, 37u, 144u}) {
          if (c.rows <= 37 && chunk == 144) continue;  // the same as 37
          EXPECT_TRUE(same_bits(logits_of(*runtime, tokens(c.rows), chunk), alone))
              << c.pack << ", " << cache << " cache, " << threads << " threads, chunks of "
              << chunk;
        }
      }
    }
}

TEST_F(Bits, DoNotDependOnNeighbours) {
  const auto n = static_cast<std::size_t>(loaded_.model->n_vocab());
  for (const Case& c : cases()) {
    const std::size_t rows = c.rows / 3;
    const auto runtime = loaded_.runtime(options(c, "f16", 2, 3));
    std::vector<SequenceId> ids;
    std::vector<std::vector<float>> solo(3), together(3);
    for (std::size_t s = 0; s < 3; ++s) solo[s] = logits_of(*runtime, tokens(rows, s * rows), rows);
    for (std::size_t s = 0; s < 3; ++s) ids.push_back(*runtime->open_sequence());
    for (std::size_t at = 0; at < rows; ++at) {
      std::vector<StepRow> step;
      for (std::size_t k = 0; k < 3; ++k) {
        const std::size_t s = (at + k) % 3;
        step.push_back({tokens(rows, s * rows)[at], ids[s], true});
      }
      const auto logits = runtime->step(step, nullptr);
      ASSERT_TRUE(logits) << logits.error().message();
      for (std::size_t k = 0; k < 3; ++k) {
        const auto row = logits->subspan(k * n, n);
        auto& mine = together[(at + k) % 3];
        mine.insert(mine.end(), row.begin(), row.end());
      }
    }
    for (std::size_t s = 0; s < 3; ++s)
      EXPECT_TRUE(same_bits(together[s], solo[s])) << c.pack << ", sequence " << s;
  }
}

}  // namespace
}  // namespace tenon::testing
