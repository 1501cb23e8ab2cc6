// What a model plugin refuses: hyper-parameters that make no sense,
// and what the architecture lacks.
#include <gmock/gmock.h>

#include "tests/models/arch_model.hpp"
#include "tests/models/loaded_model.hpp"

namespace tenon::testing {
namespace {

struct Lie {
  const char* golden;
  const char* changes;  // of its description
  const char* message;
};

constexpr Lie k_lies[] = {
    {"llama_plain", R"({"metadata": {"llama.attention.head_count": 3}})", "must divide"},
    {"llama_plain", R"({"metadata": {"llama.attention.head_count": 0}})", "must be 1 to 4096"},
    {"llama_plain", R"({"metadata": {"llama.attention.key_length": 5000}})", "must be 1 to 4096"},
    {"llama_plain", R"({"metadata": {"llama.rope.dimension_count": 7}})", "must be even"},
    {"llama_plain", R"({"metadata": {"llama.rope.freq_base": 0.0}})", "must be positive"},
    {"llama_plain", R"({"metadata": {"llama.block_count": null}})", "required key is missing"},
    {"llama_plain", R"({"tensors": {"blk.1.ffn_up.weight": [95, 64]}})", "blk.1.ffn_up.weight"},
    {"llama_plain", R"({"metadata": {"llama.attention.head_count_kv": [2, 1]}})", "layer to layer"},
    {"llama_plain", R"({"metadata": {"llama.attention.head_count_kv": [2]}})", "not an integer"},
    {"llama_plain", R"({"metadata": {"llama.expert_count": 8}})", "mixtures of experts"},
    {"llama_plain", R"({"metadata": {"split.no": 1, "split.count": 3}})", "part 2 of 3"},
    {"llama_linear", R"({"metadata": {"llama.rope.scaling.factor": -4.0}})", "must be positive"},
    {"llama_linear", R"({"metadata": {"llama.rope.scaling.factor": null}})", "is missing"},
    {"llama_yarn", R"({"metadata": {"llama.rope.freq_base": 1.0}})", "above 1 for YaRN"},
    {"llama_yarn", R"({"metadata": {"llama.rope.scaling.yarn_beta_fast": 0.0}})", "yarn_beta"},
    {"llama_yarn", R"({"metadata": {"llama.rope.scaling.original_context_length": 0}})", "must be"},
    {"llama_plain", R"({"metadata": {"llama.rope.scaling.type": "longrope"}})", "longrope"},
    {"llama_llama3", R"({"tensors": {"rope_freqs.weight": [1.0, 2.0]}})", "rope_freqs.weight"},
    {"qwen2", R"({"tensors": {"blk.0.attn_q.bias": [63]}})", "blk.0.attn_q.bias"},
    {"qwen3", R"({"tensors": {"blk.0.attn_q_norm.weight": null}})", "blk.0.attn_q_norm.weight"},
    {"gemma3", R"({"metadata": {"gemma3.attention.sliding_window": -1}})", "sliding_window"},
    {"gemma3", R"({"metadata": {"gemma3.attention.sliding_window_pattern": 0}})", "must be 1"},
    {"gemma3", R"({"metadata": {"gemma3.rope.freq_base_swa": -1.0}})", "freq_base_swa"},
    {"gemma2", R"({"metadata": {"gemma2.attn_logit_softcapping": -1.0}})", "not be negative"},
    {"gemma3", R"({"metadata": {"gemma3.attn_logit_softcapping": 50.0}})", "caps no scores"},
    {"gemma3", R"({"metadata": {"gemma3.final_logit_softcapping": -30.0}})", "not be negative"},
    {"phi3_short", R"({"tensors": {"rope_factors_short.weight": [1.0]}})", "rope_factors_short"},
    {"phi3_short", R"({"tensors": {"rope_factors_long.weight": null}})", "rope_factors_long"},
    {"phi3_plain", R"({"tensors": {"blk.0.attn_qkv.weight": [64, 64]}})", "blk.0.attn_qkv.weight"},
    {"olmo3", R"({"metadata": {"olmo2.attention.sliding_window_pattern": [true, false]}})",
     "one value for each layer"},
    {"olmo3", R"({"metadata": {"olmo2.attention.sliding_window_pattern": "all"}})", "not a list"},
};

TEST(Refusals, NameTheKeyOrTheTensor) {
  HostTable host;
  ScanOptions scan;
  scan.directories = {TENON_TEST_PLUGIN_DIR};
  const auto catalog = Catalog::scan(host, scan);
  ASSERT_TRUE(catalog) << catalog.error().message();
  for (const Lie& lie : k_lies) {
    const ArchModel file(lie.golden, "f32", false, nlohmann::ordered_json::parse(lie.changes));
    const auto model = Model::open(file.path(), host, *catalog);
    ASSERT_FALSE(model) << lie.golden << " with " << lie.changes;
    EXPECT_EQ(model.error().code(), ErrorCode::model) << lie.changes;
    EXPECT_THAT(model.error().message(), ::testing::HasSubstr(lie.message)) << lie.changes;
  }
}

}  // namespace
}  // namespace tenon::testing
