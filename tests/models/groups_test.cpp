// Layers with a window give their pages back behind it: no bit changes, whatever is cut, mixed,
// truncated, forked or begun again, and a long context takes a fraction of the memory.
#include <gmock/gmock.h>

#include "framework/engine/generation.hpp"
#include "tests/models/arch_model.hpp"
#include "tests/models/loaded_model.hpp"

namespace tenon::testing {
namespace {

using ::testing::HasSubstr;

// 300 tokens are many windows of each; phi3_plain has no layer that sees everything.
const char* const k_windowed[] = {"gemma3", "gemma3_linear", "phi3_plain"};

LoadOptions options(const std::string& pack, std::int64_t batch, std::uint32_t sequences = 1,
                    const std::string& cache = "f16") {
  LoadOptions o;
  o.backend = pack;
  o.cache_type = cache;
  o.n_ctx = 320;
  o.batch = batch;
  o.max_out_rows = batch;
  o.max_sequences = sequences;
  o.n_threads = 1;
  return o;
}

std::vector<StepRow> rows_of(SequenceId id, std::span<const TokenId> tokens) {
  std::vector<StepRow> rows;
  for (const TokenId t : tokens) rows.push_back({t, id, true});
  return rows;
}

std::vector<float> step(Runtime& runtime, const std::vector<StepRow>& rows) {
  const auto logits = runtime.step(rows, nullptr);
  if (!logits) throw std::runtime_error(logits.error().message());
  return {logits->begin(), logits->end()};
}

bool all_is_free(Runtime& runtime) {
  for (std::uint32_t g = 0; g < runtime.n_groups(); ++g)
    if (runtime.pages_needed(g, {}).available != runtime.loaded().kv_groups[g].n_pages)
      return false;
  return true;
}

struct Windowed : ::testing::TestWithParam<const char*> {
  ArchModel file{GetParam()};
  LoadedModel loaded{file.path()};
  std::vector<TokenId> tokens = file.tokens();
  std::size_t n_vocab = static_cast<std::size_t>(loaded.model->n_vocab());
};

// One step reads everything that was ever written; nothing is given back within it.
TEST_P(Windowed, BitsAreThoseOfACacheThatKeepsEverything) {
  for (const std::string& pack : loaded.usable_packs())
    for (const char* cache : {"f16", "q8_0"}) {
      const auto whole = logits_of(*loaded.runtime(options(pack, 300, 1, cache)), tokens, 300);
      for (const std::size_t chunk : {1u, 7u, 37u}) {
        const auto runtime =
            loaded.runtime(options(pack, static_cast<std::int64_t>(chunk), 1, cache));
        const KvGroup& last = runtime->loaded().kv_groups.back();
        EXPECT_GT(last.window, 0);
        EXPECT_LT(last.n_pages, 4u);
        EXPECT_TRUE(same_bits(logits_of(*runtime, tokens, chunk), whole))
            << pack << ", " << cache << ", chunks of " << chunk;
        EXPECT_TRUE(all_is_free(*runtime));
      }
    }
}

TEST_P(Windowed, NeighboursDoNotSeeTheirPages) {
  const std::vector<TokenId> other(tokens.rbegin(), tokens.rend());
  for (const std::string& pack : loaded.usable_packs()) {
    const auto alone = logits_of(*loaded.runtime(options(pack, 300)), tokens, 300);
    const auto runtime = loaded.runtime(options(pack, 20, 2));
    const SequenceId a = *runtime->open_sequence(), b = *runtime->open_sequence();
    for (std::size_t at = 0; at < tokens.size(); at += 10) {
      const auto mine = std::span(tokens).subspan(at, 10);
      auto rows = rows_of(a, mine);
      for (const StepRow& r : rows_of(b, std::span(other).subspan(at, 10))) rows.push_back(r);
      if (at % 70 == 0) runtime->truncate(b, static_cast<std::int64_t>(at / 3));
      const auto logits = step(*runtime, rows);
      EXPECT_TRUE(same_bits(std::span(logits).first(10 * n_vocab),
                            std::span(alone).subspan(at * n_vocab, 10 * n_vocab)))
          << pack << " at " << at;
    }
  }
}

// A sequence goes on from where it is cut when the window is there still, and from the start when
// it is gone.
TEST_P(Windowed, PrefixesAreUsedAgainAsFarAsTheyAreThere) {
  const auto runtime = loaded.runtime(options("cpu/reference", 16));
  Alarms alarms;
  PrefixCache kept;
  const auto answer = [&](PrefixCache& cache, std::span<const TokenId> prompt) {
    GenerateOptions o;
    o.sampling.temperature = 0;
    o.ignore_eos = true;
    o.max_tokens = 12;
    auto reply = generate(*runtime, cache, prompt, o, {}, alarms, Stopwatch());
    if (!reply) throw std::runtime_error(reply.error().message());
    return std::move(*reply);
  };
  const auto fresh = [&](std::span<const TokenId> prompt) {
    const auto alone = loaded.runtime(options("cpu/reference", 16));
    std::vector<TokenId> all(prompt.begin(), prompt.end());
    while (all.size() < prompt.size() + 12) {
      const auto logits = logits_of(*alone, all, 16);
      const auto last = std::span(logits).last(n_vocab);
      all.push_back(static_cast<TokenId>(std::ranges::max_element(last) - last.begin()));
    }
    return std::vector<TokenId>(all.begin() + std::ssize(prompt), all.end());
  };
  struct Turn {
    std::size_t shared, length;  // shared: with the prompt before
    bool reused;
  };
  std::vector<TokenId> prompt;
  for (const Turn& t : {Turn{0, 250, false}, Turn{250, 250, true}, Turn{248, 280, true},
                        Turn{60, 200, false}, Turn{200, 210, true}}) {
    prompt.resize(t.shared);
    while (prompt.size() < t.length) prompt.push_back(tokens[(7 * prompt.size() + t.length) % 300]);
    const Reply reply = answer(kept, prompt);
    EXPECT_EQ(reply.tokens, fresh(prompt)) << t.shared << " of " << t.length;
    const std::int64_t most = static_cast<std::int64_t>(std::min(t.shared, t.length - 1));
    EXPECT_EQ(reply.usage.cached_tokens, t.reused ? most : 0) << t.shared << " of " << t.length;
  }
}

INSTANTIATE_TEST_SUITE_P(Models, Windowed, ::testing::ValuesIn(k_windowed),
                         [](const auto& row) { return std::string(row.param); });

// Forks, with windows and without.
struct Fork : ::testing::TestWithParam<const char*> {
  ArchModel file{GetParam()};
  LoadedModel loaded{file.path()};
  std::vector<TokenId> tokens = file.tokens();
};

TEST_P(Fork, GoesOnLikeASequenceOfItsOwnAndDisturbsNobody) {
  const auto shared = std::span(tokens).first(100), mine = std::span(tokens).subspan(100, 90);
  std::vector<TokenId> theirs(mine.rbegin(), mine.rend());
  for (const std::string& pack : loaded.usable_packs())
    for (const char* cache : {"f16", "q8_0"}) {
      SCOPED_TRACE(pack + ", " + cache);
      const auto runtime = loaded.runtime(options(pack, 100, 3, cache));
      std::vector<std::vector<float>> alone;
      for (const auto& text : {std::span<const TokenId>(mine), std::span<const TokenId>(theirs)}) {
        const SequenceId id = *runtime->open_sequence();
        step(*runtime, rows_of(id, shared));
        alone.push_back(step(*runtime, rows_of(id, text)));
        runtime->close_sequence(id);
      }
      const SequenceId a = *runtime->open_sequence();
      step(*runtime, rows_of(a, shared));
      const auto b = runtime->fork(a);
      ASSERT_TRUE(b) << b.error().message();
      EXPECT_EQ(runtime->length(*b), 100);
      const auto before = runtime->pages_needed(0, {}).available;
      const auto one_row = rows_of(*b, std::span(theirs).first(1));
      EXPECT_EQ(runtime->pages_needed(0, one_row).needed, 1u);  // the copy of the last page
      EXPECT_TRUE(same_bits(step(*runtime, rows_of(*b, theirs)), alone[1]));
      EXPECT_EQ(before - runtime->pages_needed(0, {}).available, 2u);
      EXPECT_TRUE(same_bits(step(*runtime, rows_of(a, mine)), alone[0]));
      // A fork of the fork, after which both are cut and write over what they shared.
      const SequenceId c = *runtime->fork(*b);
      EXPECT_EQ(runtime->truncate(c, 180), 180);
      EXPECT_EQ(runtime->truncate(*b, 185), 185);
      const auto n = static_cast<std::ptrdiff_t>(loaded.model->n_vocab());
      for (const auto& [id, from] : {std::pair{c, 80}, std::pair{*b, 85}})
        EXPECT_TRUE(same_bits(
            step(*runtime, rows_of(id, std::span(theirs).subspan(static_cast<std::size_t>(from)))),
            std::vector<float>(alone[1].begin() + from * n, alone[1].end())));
      for (const SequenceId id : {a, *b, c}) runtime->close_sequence(id);
      EXPECT_TRUE(all_is_free(*runtime));
    }
}

INSTANTIATE_TEST_SUITE_P(Models, Fork, ::testing::Values("llama_plain", "gemma3"),
                         [](const auto& row) { return std::string(row.param); });

TEST(Pages, AreAskedForBeforeAStepAndRefusedWhole) {
  const ArchModel file("gemma3");
  const LoadedModel loaded(file.path());
  LoadOptions o = options("cpu/reference", 200, 2);
  o.kv_pages = 4;
  const auto runtime = loaded.runtime(o);
  const auto tokens = file.tokens();
  const SequenceId a = *runtime->open_sequence(), b = *runtime->open_sequence();
  step(*runtime, rows_of(a, std::span(tokens).first(130)));
  const auto fits = rows_of(b, std::span(tokens).first(64)),
             too_many = rows_of(b, std::span(tokens).first(65));
  EXPECT_EQ(runtime->pages_needed(0, too_many).needed, 2u);
  EXPECT_EQ(runtime->pages_needed(0, too_many).available, 1u);
  for (int i = 0; i < 3; ++i) {
    const auto refused = runtime->step(too_many, nullptr);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::limit);
    EXPECT_THAT(refused.error().message(), HasSubstr("needed 2 pages, available 1 of 4"));
    EXPECT_EQ(runtime->length(b), 0);
  }
  EXPECT_EQ(runtime->pages_needed(0, fits).needed, 1u);
  step(*runtime, fits);
  step(*runtime, rows_of(a, std::span(tokens).first(62)));  // its pages have room still
  EXPECT_FALSE(runtime->step(rows_of(a, std::span(tokens).first(1)), nullptr));
  runtime->close_sequence(b);
  EXPECT_TRUE(runtime->step(rows_of(a, std::span(tokens).first(1)), nullptr));
}

// A model of so many layers, and a width of k and v, that is otherwise as small as can be.
nlohmann::ordered_json shaped(const char* arch, int layers, int heads, int kv_heads, int head_dim,
                              int window) {
  std::ifstream in(ArchModel::folder() / (std::string(arch) + ".json"));
  const auto original = nlohmann::ordered_json::parse(in);
  const std::string prefix = std::string(arch) + ".";
  nlohmann::ordered_json changes;
  auto& metadata = changes["metadata"];
  metadata = {{prefix + "block_count", layers},
              {prefix + "context_length", 32768},
              {prefix + "attention.head_count", heads},
              {prefix + "attention.head_count_kv", kv_heads},
              {prefix + "attention.key_length", head_dim},
              {prefix + "attention.value_length", head_dim}};
  if (window > 0) metadata[prefix + "attention.sliding_window"] = window;
  for (const auto& [name, shape] : original["tensors"].items()) {
    if (!name.starts_with("blk.0.")) continue;
    nlohmann::ordered_json changed = shape;
    if (name.find("attn_q.") != std::string::npos) changed[0] = heads * head_dim;
    if (name.find("attn_k.") != std::string::npos || name.find("attn_v.") != std::string::npos)
      changed[0] = kv_heads * head_dim;
    if (name.find("attn_output.") != std::string::npos) changed[1] = heads * head_dim;
    if (name.find("_q_norm") != std::string::npos || name.find("_k_norm") != std::string::npos)
      changed[0] = head_dim;
    for (int l = 0; l < layers; ++l)
      changes["tensors"]["blk." + std::to_string(l) + name.substr(5)] = changed;
  }
  return changes;
}

MemoryUse memory_at_32768(const ArchModel& file) {
  const LoadedModel loaded(file.path());
  LoadOptions o;
  o.n_ctx = 32768;
  o.n_threads = 1;
  LoadReport report;
  const auto runtime = start_runtime(*loaded.model, *loaded.devices, o, report);
  if (!runtime) throw std::runtime_error(runtime.error().message());
  return report.memory;
}

// 18 layers of 1 kv head of 256, each sixth sees everything; f16.
TEST(Memory, OfGemma3270MAtALongContextIsAFractionOfAllLayersFull) {
  const ArchModel file("gemma3", "f32", false, shaped("gemma3", 18, 4, 1, 256, 512));
  const MemoryUse memory = memory_at_32768(file);
  const double all_full = 18.0 * 32768 * 256 * 2 * 2;
  EXPECT_LE(static_cast<double>(memory.kv), 0.3 * all_full);
  std::cout << "cache " << memory.kv << ", " << static_cast<double>(memory.kv) / all_full
            << " of all layers full\n";
  ASSERT_EQ(memory.kv_groups.size(), 2u);
  EXPECT_EQ(memory.kv_groups[0].window, 0);
  EXPECT_EQ(memory.kv_groups[0].layers, 3u);
  EXPECT_EQ(memory.kv_groups[0].positions, 32768u);
  EXPECT_EQ(memory.kv_groups[0].bytes, 3u * 32768 * 256 * 2 * 2);
  EXPECT_EQ(memory.kv_groups[1].window, 512);
  EXPECT_EQ(memory.kv_groups[1].layers, 15u);
  EXPECT_LE(memory.kv_groups[1].positions, 18u * 64);
  EXPECT_EQ(memory.kv_groups[0].bytes + memory.kv_groups[1].bytes, memory.kv);
}

// 24 layers of 2 kv heads of 64.
TEST(Memory, OfTheHalfBillionQwenIsWhatItsContextIs) {
  const ArchModel file("qwen2", "f32", false, shaped("qwen2", 24, 2, 2, 64, 0));
  EXPECT_EQ(memory_at_32768(file).kv, 24u * 32768 * 2 * 64 * 2 * 2);  // 402 MB
}

}  // namespace
}  // namespace tenon::testing
