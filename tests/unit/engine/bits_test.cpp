// The same tokens give the same bits, whatever the threads, the chunks, the neighbours, the slot
// and the pages.
#include <algorithm>
#include <cmath>

#include "framework/base/sanitizer.h"
#include "tests/unit/engine/tiny_file.hpp"

namespace tenon::testing {
namespace {

constexpr std::size_t k_rows = 150;  // three pages, and no multiple of a tile

LoadOptions options(const std::string& backend, const std::string& cache = "f16",
                    std::uint32_t threads = 1, std::uint32_t sequences = 1) {
  LoadOptions o;
  o.backend = backend;
  o.cache_type = cache;
  o.n_ctx = 256;
  o.n_threads = threads;
  o.max_sequences = sequences;
  o.max_out_rows = 512;
  return o;
}

struct Case {
  std::string pack, cache;
};

// Packs that this machine does not run are printed by name, and shown to be refused with a reason.
class Bits : public ::testing::Test {
 protected:
  template <class Check>
  void for_each_case(const Check& check) {
    const std::vector<std::string> packs = loaded_.usable_packs();
    ASSERT_FALSE(packs.empty());
    for (const std::string& pack : packs)
      for (const char* cache : {"f16", "f32", "q8_0"}) {
        SCOPED_TRACE(pack + " with an " + cache + " cache");
        check(Case{pack, cache});
      }
  }

  TinyFile file_;
  LoadedModel loaded_{file_.path()};
  std::vector<TokenId> tokens_ = some_tokens(k_rows);
};

TEST_F(Bits, DoNotDependOnThreadsOrChunks) {
  for_each_case([&](const Case& c) {
    const auto alone =
        logits_of(*loaded_.runtime(options(c.pack, c.cache)), tokens_, tokens_.size());
    ASSERT_TRUE(std::all_of(alone.begin(), alone.end(), [](float x) { return std::isfinite(x); }));
#if defined(TENON_ASAN) || defined(TENON_TSAN)  // the release build tries them all
    const std::vector<std::size_t> every_chunk = {5, 65}, some = {37};
#else
    const std::vector<std::size_t> every_chunk = {1, 2, 5, 8, 9, 37, 64, 65, 150}, some = {1, 37};
#endif
    for (const std::uint32_t threads : {1u, 2u, 3u, 5u}) {
      const auto runtime = loaded_.runtime(options(c.pack, c.cache, threads));
      for (const std::size_t chunk : threads == 2 ? every_chunk : some)
        EXPECT_TRUE(same_bits(logits_of(*runtime, tokens_, chunk), alone))
            << threads << " threads, chunks of " << chunk;
    }
  });
}

// Logits of positions that were not asked for must not change those that were.
TEST_F(Bits, DoNotDependOnHowManyLogitsAreAskedFor) {
  for_each_case([&](const Case& c) {
    const auto runtime = loaded_.runtime(options(c.pack, c.cache, 2));
    const auto all = logits_of(*runtime, tokens_, tokens_.size());
    const auto id = runtime->open_sequence();
    ASSERT_TRUE(id);
    std::vector<StepRow> rows;
    for (std::size_t i = 0; i < tokens_.size(); ++i)
      rows.push_back({tokens_[i], *id, i % 7 == 0 || i + 1 == tokens_.size()});
    const auto some = runtime->step(rows, nullptr);
    ASSERT_TRUE(some) << some.error().message();
    const auto n = static_cast<std::size_t>(loaded_.model->n_vocab());
    for (std::size_t i = 0, out = 0; i < tokens_.size(); ++i) {
      if (!rows[i].wants_logits) continue;
      EXPECT_TRUE(same_bits(some->subspan(out++ * n, n), std::span(all).subspan(i * n, n)))
          << "row " << i;
    }
  });
}

// Three sequences of different lengths whose rows are mixed, in steps of different sizes.
std::vector<std::vector<float>> interleaved(Runtime& runtime,
                                            const std::vector<std::vector<TokenId>>& texts,
                                            const std::vector<SequenceId>& ids, std::size_t take) {
  const auto n = static_cast<std::size_t>(runtime.model().n_vocab());
  std::vector<std::vector<float>> logits(texts.size());
  std::vector<std::size_t> at(texts.size(), 0);
  for (std::size_t round = 0;; ++round) {
    std::vector<StepRow> rows;
    std::vector<std::size_t> owner;
    for (std::size_t k = 0; k < texts.size(); ++k) {
      const std::size_t s = (k + round) % texts.size();
      for (std::size_t i = 0; i < take + s && at[s] < texts[s].size(); ++i) {
        rows.push_back({texts[s][at[s]++], ids[s], true});
        owner.push_back(s);
      }
    }
    if (rows.empty()) return logits;
    const auto out = runtime.step(rows, nullptr);
    if (!out) throw std::runtime_error(out.error().message());
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const auto row = out->subspan(r * n, n);
      logits[owner[r]].insert(logits[owner[r]].end(), row.begin(), row.end());
    }
  }
}

TEST_F(Bits, DoNotDependOnNeighboursSlotsOrPages) {
  const std::vector<std::vector<TokenId>> texts = {some_tokens(150, 3), some_tokens(97, 11),
                                                   some_tokens(70, 20)};
  for_each_case([&](const Case& c) {
    std::vector<std::vector<float>> solo;
    for (const auto& text : texts)
      solo.push_back(logits_of(*loaded_.runtime(options(c.pack, c.cache)), text, text.size()));
    const auto runtime = loaded_.runtime(options(c.pack, c.cache, 2, 3));
    std::vector<SequenceId> ids;
    for (std::size_t i = 0; i < texts.size(); ++i) ids.push_back(*runtime->open_sequence());
    for (const std::size_t take : {1u, 4u, 40u}) {
      const auto together = interleaved(*runtime, texts, ids, take);
      for (std::size_t s = 0; s < texts.size(); ++s)
        EXPECT_TRUE(same_bits(together[s], solo[s])) << "sequence " << s << ", " << take << " rows";
      // The next round has other slots, and pages that are given back in another order.
      runtime->truncate(ids[1], 0);
      for (const SequenceId id : {ids[2], ids[0]}) runtime->truncate(id, 0);
      std::rotate(ids.begin(), ids.begin() + 1, ids.end());
    }
  });
}

TEST_F(Bits, AreRecomputedAfterTruncation) {
  for_each_case([&](const Case& c) {
    const auto runtime = loaded_.runtime(options(c.pack, c.cache, 2, 2));
    const auto whole = logits_of(*runtime, tokens_, tokens_.size());
    const auto n = static_cast<std::size_t>(loaded_.model->n_vocab());
    const auto id = *runtime->open_sequence();
    for (const std::size_t keep : {100u, 64u, 63u, 1u, 0u}) {
      std::vector<StepRow> rows;
      for (std::size_t i = static_cast<std::size_t>(runtime->length(id)); i < tokens_.size(); ++i)
        rows.push_back({tokens_[i], id, false});
      ASSERT_TRUE(runtime->step(rows, nullptr));
      runtime->truncate(id, static_cast<std::int64_t>(keep));
      // A stranger takes the pages that were given back, and leaves them dirty.
      static_cast<void>(logits_of(*runtime, some_tokens(120, 50), 33));
      rows.clear();
      for (std::size_t i = keep; i < tokens_.size(); ++i) rows.push_back({tokens_[i], id, true});
      const auto again = runtime->step(rows, nullptr);
      ASSERT_TRUE(again) << again.error().message();
      EXPECT_TRUE(same_bits(*again, std::span(whole).subspan(keep * n))) << "from " << keep;
      runtime->truncate(id, static_cast<std::int64_t>(keep));
    }
  });
}

TEST_F(Bits, OfTheForeignDeviceDoNotDependOnChunks) {
  const LoadedModel with_foreign(file_.path(), {TENON_FOREIGN_PLUGIN});
  for (const char* cache : {"f16", "f32"}) {
    const auto runtime = with_foreign.runtime(options("foreign", cache, 2));
    const auto whole = logits_of(*runtime, tokens_, tokens_.size());
    for (const std::size_t chunk : {1u, 37u})
      EXPECT_TRUE(same_bits(logits_of(*runtime, tokens_, chunk), whole)) << cache << ", " << chunk;
  }
}

}  // namespace
}  // namespace tenon::testing
