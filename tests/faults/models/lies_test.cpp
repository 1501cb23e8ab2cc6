// The ways in which model files were wrong and brought other programs down, one by one: each is
// refused with exit code 3 and the name of what is wrong, or is harmless and accepted.
#include <gmock/gmock.h>

#include <limits>

#include "tests/faults/models/load_path.hpp"
#include "tests/faults/models/micro_llama.hpp"

namespace tenon::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

struct Lie {
  const char* name;
  std::set<std::string> without;
  void (*more)(GgufBuilder&);
  const char* says;  // what the message names; nullptr: the file is accepted all the same
  const char* finds = nullptr;  // what a finding of an accepted file names
};

class Lies : public ::testing::TestWithParam<Lie> {
 protected:
  static void SetUpTestSuite() { path_ = std::make_unique<const LoadPath>(); }
  static void TearDownTestSuite() { path_.reset(); }
  static std::unique_ptr<const LoadPath> path_;
};
std::unique_ptr<const LoadPath> Lies::path_;

TEST_P(Lies, AreNamed) {
  MicroLlama model;
  model.without = GetParam().without;
  model.more = GetParam().more;
  const Outcome outcome = path_->run(model.build());
  const std::string message = outcome.error ? outcome.error->message() : "accepted";
  if (GetParam().says == nullptr) {
    EXPECT_EQ(outcome.stage, Stage::done) << message;
    if (GetParam().finds != nullptr) {
      EXPECT_THAT(outcome.findings, Contains(HasSubstr(GetParam().finds)));
    }
    return;
  }
  ASSERT_TRUE(outcome.error);
  EXPECT_LT(message.size(), 500u) << "a name without an end";
  const bool other_model = message.find("no plugin offers") != std::string::npos;
  EXPECT_EQ(outcome.error->code(), other_model ? ErrorCode::unavailable : ErrorCode::model)
      << message;
  EXPECT_THAT(message, HasSubstr(GetParam().says));
  if (outcome.stage != Stage::text) {  // whose errors are about a template, which has no file
    EXPECT_THAT(message, HasSubstr("hostile.gguf"));
  }
  EXPECT_LT(outcome.peak_bytes, std::size_t{8} << 20);  // a template may take that much
}

std::string name_of(const ::testing::TestParamInfo<Lie>& info) { return info.param.name; }

template <std::uint32_t value>
void layers(GgufBuilder& f) {
  f.scalar<std::uint32_t>("llama.block_count", value);
}

using u32 = std::uint32_t;
using u64 = std::uint64_t;
constexpr u64 k_huge = u64{1} << 40;
constexpr float k_nan = std::numeric_limits<float>::quiet_NaN();
constexpr float k_inf = std::numeric_limits<float>::infinity();

const char* const k_layers = "llama.block_count";
const char* const k_heads = "llama.attention.head_count";
const char* const k_kv = "llama.attention.head_count_kv";
const char* const k_keys = "llama.attention.key_length";
const char* const k_context = "llama.context_length";
const char* const k_eps = "llama.attention.layer_norm_rms_epsilon";
const char* const k_base = "llama.rope.freq_base";
const char* const k_rope = "llama.rope.dimension_count";

// Numbers of the model that disagree with its tensors, or with reason.
const Lie k_numbers[] = {
    {"no_architecture", {"general.architecture"}, nullptr, "general.architecture"},
    {"architecture_is_a_number",
     {"general.architecture"},
     [](GgufBuilder& f) { f.scalar<u32>("general.architecture", 1); },
     "general.architecture"},
    {"layers_none", {k_layers}, layers<0>, k_layers},
    {"layers_one_too_many", {k_layers}, layers<2>, "blk.1."},
    {"layers_2_31", {k_layers}, layers<0x80000000>, k_layers},
    {"layers_2_32", {k_layers}, layers<0xffffffff>, k_layers},
    {"layers_u64",
     {k_layers},
     [](GgufBuilder& f) { f.scalar<u64>(k_layers, UINT64_MAX); },
     k_layers},
    {"layers_negative",
     {k_layers},
     [](GgufBuilder& f) { f.scalar<std::int8_t>(k_layers, -1); },
     k_layers},
    {"layers_text", {k_layers}, [](GgufBuilder& f) { f.string(k_layers, "1"); }, k_layers},
    {"layers_real", {k_layers}, [](GgufBuilder& f) { f.scalar<float>(k_layers, 1); }, k_layers},
    {"layers_array", {k_layers}, [](GgufBuilder& f) { f.array<u32>(k_layers, {1}); }, k_layers},
    {"layers_missing", {k_layers}, nullptr, k_layers},
    {"width_none",
     {"llama.embedding_length"},
     [](GgufBuilder& f) { f.scalar<u32>("llama.embedding_length", 0); },
     "llama.embedding_length"},
    {"width_huge",
     {"llama.embedding_length"},
     [](GgufBuilder& f) { f.scalar<u64>("llama.embedding_length", k_huge); },
     "llama.embedding_length"},
    {"width_other",
     {"llama.embedding_length"},
     [](GgufBuilder& f) { f.scalar<u32>("llama.embedding_length", 64); },
     "token_embd.weight"},
    {"heads_none", {k_heads}, [](GgufBuilder& f) { f.scalar<u32>(k_heads, 0); }, k_heads},
    {"heads_huge", {k_heads}, [](GgufBuilder& f) { f.scalar<u64>(k_heads, k_huge); }, k_heads},
    {"heads_missing", {k_heads}, nullptr, k_heads},
    {"heads_that_do_not_divide",
     {k_heads},
     [](GgufBuilder& f) { f.scalar<u32>(k_heads, 3); },
     "attn_q.weight"},
    {"kv_heads_none", {k_kv}, [](GgufBuilder& f) { f.scalar<u32>(k_kv, 0); }, k_kv},
    {"kv_heads_more_than_heads", {k_kv}, [](GgufBuilder& f) { f.scalar<u32>(k_kv, 4); }, k_kv},
    {"key_length_none", {}, [](GgufBuilder& f) { f.scalar<u32>(k_keys, 0); }, k_keys},
    {"key_length_huge", {}, [](GgufBuilder& f) { f.scalar<u64>(k_keys, k_huge); }, k_keys},
    {"key_length_odd", {}, [](GgufBuilder& f) { f.scalar<u32>(k_keys, 15); }, ""},
    {"ffn_none",
     {"llama.feed_forward_length"},
     [](GgufBuilder& f) { f.scalar<u32>("llama.feed_forward_length", 0); },
     "llama.feed_forward_length"},
    {"ffn_huge",
     {"llama.feed_forward_length"},
     [](GgufBuilder& f) { f.scalar<u64>("llama.feed_forward_length", k_huge); },
     "llama.feed_forward_length"},
    {"context_none", {k_context}, [](GgufBuilder& f) { f.scalar<u32>(k_context, 0); }, k_context},
    {"context_huge",
     {k_context},
     [](GgufBuilder& f) { f.scalar<u64>(k_context, u64{1} << 62); },
     k_context},
    {"context_as_long_as_it_goes",
     {k_context},
     [](GgufBuilder& f) { f.scalar<u32>(k_context, 0x7fffffff); },
     nullptr},
    {"eps_nan", {k_eps}, [](GgufBuilder& f) { f.scalar<float>(k_eps, k_nan); }, k_eps},
    {"eps_none", {k_eps}, [](GgufBuilder& f) { f.scalar<float>(k_eps, 0); }, k_eps},
    {"eps_negative", {k_eps}, [](GgufBuilder& f) { f.scalar<float>(k_eps, -1); }, k_eps},
    {"eps_too_large_for_float",
     {k_eps},
     [](GgufBuilder& f) { f.scalar<double>(k_eps, 1e300); },
     k_eps},
    {"base_infinite", {k_base}, [](GgufBuilder& f) { f.scalar<float>(k_base, k_inf); }, k_base},
    {"base_none", {k_base}, [](GgufBuilder& f) { f.scalar<float>(k_base, 0); }, k_base},
    {"base_text", {k_base}, [](GgufBuilder& f) { f.string(k_base, "10000"); }, k_base},
    {"rope_odd", {}, [](GgufBuilder& f) { f.scalar<u32>(k_rope, 7); }, k_rope},
    {"rope_wider_than_a_head", {}, [](GgufBuilder& f) { f.scalar<u32>(k_rope, 64); }, k_rope},
    {"rope_huge", {}, [](GgufBuilder& f) { f.scalar<u64>(k_rope, k_huge); }, k_rope},
    {"rope_scaling_is_a_number",
     {},
     [](GgufBuilder& f) { f.scalar<u32>("llama.rope.scaling.type", 3); },
     "llama.rope.scaling.type"},
    {"rope_scaling_by_nothing",
     {},
     [](GgufBuilder& f) {
       f.string("llama.rope.scaling.type", "linear");
       f.scalar<float>("llama.rope.scaling.factor", 0);
     },
     "llama.rope.scaling.factor"},
    {"positions_by_a_key_of_nobody",
     {},
     [](GgufBuilder& f) { f.scalar<float>("llama.rope.scaling.yarn_log_multiplier", 0.1F); },
     "llama.rope.scaling.yarn_log_multiplier"},
    {"positions_scaled_twice",
     {},
     [](GgufBuilder& f) {
       f.scalar<float>("llama.rope.scaling.factor", 2);
       f.scalar<float>("llama.rope.scale_linear", 4);
     },
     "rope.scale_linear"},
    {"positions_scaled_by_a_negative_number",
     {},
     [](GgufBuilder& f) { f.scalar<float>("llama.rope.scale_linear", -4); },
     "must be positive"},
    {"positions_scaled_as_in_2023",
     {},
     [](GgufBuilder& f) { f.scalar<float>("llama.rope.scale_linear", 4); },
     nullptr},
    {"architecture_of_100000_letters",
     {"general.architecture"},
     [](GgufBuilder& f) { f.string("general.architecture", std::string(100'000, 'a')); },
     "aaaaaaaa"},
    {"scaling_of_100000_letters",
     {},
     [](GgufBuilder& f) { f.string("llama.rope.scaling.type", std::string(100'000, 'a')); },
     "unknown scaling"},
};
INSTANTIATE_TEST_SUITE_P(Numbers, Lies, ::testing::ValuesIn(k_numbers), name_of);

void small_tensor(GgufBuilder& f, const char* name, std::uint64_t n, std::string_view dtype) {
  f.tensor(name, {n}, dtype);
}

constexpr char k_layer_1[] = "blk.1.attn_norm.weight", k_q_norm[] = "blk.0.attn_q_norm.weight",
               k_norm_bias[] = "blk.0.attn_norm.bias", k_scale[] = "blk.0.attn_q.scale",
               k_experts[] = "blk.0.ffn_gate_exps.weight", k_output_bias[] = "output.bias",
               k_long[] = "rope_factors_long.weight", k_token_types[] = "token_types.weight",
               k_vision[] = "v.patch_embd.weight";
template <const char* name>
void extra(GgufBuilder& f) {
  small_tensor(f, name, 7, "i64");
}

const Lie k_tensors[] = {
    {"missing", {"blk.0.ffn_up.weight"}, nullptr, "blk.0.ffn_up.weight"},
    {"of_another_shape",
     {"output_norm.weight"},
     [](GgufBuilder& f) { small_tensor(f, "output_norm.weight", 16, "f32"); },
     "output_norm.weight"},
    {"norm_of_integers",
     {"output_norm.weight"},
     [](GgufBuilder& f) { small_tensor(f, "output_norm.weight", 32, "i32"); },
     "output_norm.weight"},
    {"norm_of_blocks",
     {"output_norm.weight"},
     [](GgufBuilder& f) { small_tensor(f, "output_norm.weight", 32, "q8_0"); },
     "output_norm.weight"},
    {"matrix_of_integers",
     {"blk.0.ffn_up.weight"},
     [](GgufBuilder& f) {
       f.tensor("blk.0.ffn_up.weight", {32, 32}, "i8");
     },
     "blk.0.ffn_up.weight"},
    {"matrix_of_a_foreign_type",
     {"llama.embedding_length", "token_embd.weight", "output_norm.weight", "blk.0.attn_norm.weight",
      "blk.0.attn_q.weight"},
     [](GgufBuilder& f) {
       f.scalar<u32>("llama.embedding_length", 256);
       f.tensor({"token_embd.weight", {12, 256}, 18, Bytes(12 * 98), {}});
     },
     "\"token_embd.weight\" holds iq3_xxs"},
    {"foreign_type_that_nobody_uses",
     {},
     [](GgufBuilder& f) {
       f.tensor({"v.unused", {8, 256}, 18, Bytes(8 * 98), {}});
     },
     nullptr},
    {"rope_factors_too_few",
     {},
     [](GgufBuilder& f) { small_tensor(f, "rope_freqs.weight", 4, "f32"); },
     "rope_freqs.weight"},
    {"a_layer_beyond_the_last", {}, extra<k_layer_1>, k_layer_1},
    {"a_norm_that_llama_has_not", {}, extra<k_q_norm>, k_q_norm},
    {"a_bias_that_llama_has_not", {}, extra<k_norm_bias>, k_norm_bias},
    {"a_scale_of_a_matrix", {}, extra<k_scale>, k_scale},
    {"experts_beside_dense_weights", {}, extra<k_experts>, k_experts},
    {"a_bias_of_the_output", {}, extra<k_output_bias>, k_output_bias},
    {"long_factors", {}, extra<k_long>, k_long},
    {"token_types", {}, extra<k_token_types>, k_token_types},
    {"a_tower_for_pictures", {}, extra<k_vision>, nullptr, "v.patch_embd.weight"},
};
INSTANTIATE_TEST_SUITE_P(Tensors, Lies, ::testing::ValuesIn(k_tensors), name_of);

const char* const k_tokens = "tokenizer.ggml.tokens";
const char* const k_types = "tokenizer.ggml.token_type";
const char* const k_merges = "tokenizer.ggml.merges";
const char* const k_scores = "tokenizer.ggml.scores";

std::vector<std::string> tokens_with(std::size_t at, const char* text) {
  auto tokens = MicroLlama::tokens();
  tokens.resize(std::max(tokens.size(), at + 1), "x");
  tokens[at] = text;
  return tokens;
}

const Lie k_vocabulary[] = {
    {"no_model", {"tokenizer.ggml.model"}, nullptr, "tokenizer.ggml.model"},
    {"unknown_model",
     {"tokenizer.ggml.model"},
     [](GgufBuilder& f) { f.string("tokenizer.ggml.model", "abacus"); },
     "abacus"},
    {"without_a_vocabulary",
     {"tokenizer.ggml.model", k_tokens, k_types, k_merges, "tokenizer.ggml.pre"},
     [](GgufBuilder& f) { f.string("tokenizer.ggml.model", "none"); },
     "takes token ids only"},
    {"unknown_pre_tokenizer",
     {"tokenizer.ggml.pre"},
     [](GgufBuilder& f) { f.string("tokenizer.ggml.pre", "abacus"); },
     "abacus"},
    {"no_tokens", {k_tokens}, nullptr, k_tokens},
    {"empty", {k_tokens}, [](GgufBuilder& f) { f.strings(k_tokens, {}); }, k_tokens},
    {"tokens_are_numbers",
     {k_tokens},
     [](GgufBuilder& f) {
       f.array<u32>(k_tokens, {1, 2});
     },
     k_tokens},
    {"more_tokens_than_rows",
     {k_tokens, k_types},
     [](GgufBuilder& f) { f.strings(k_tokens, tokens_with(12, "z")); },
     k_tokens},
    {"types_too_few",
     {k_types},
     [](GgufBuilder& f) {
       f.array<std::int32_t>(k_types, {1, 1});
     },
     "token types"},
    {"types_of_text", {k_types}, [](GgufBuilder& f) { f.strings(k_types, {"1"}); }, k_types},
    {"types_out_of_range",
     {k_types},
     [](GgufBuilder& f) { f.array<std::int32_t>(k_types, std::vector<std::int32_t>(12, -77)); },
     nullptr},
    {"scores_too_few", {}, [](GgufBuilder& f) { f.array<float>(k_scores, {0.5F}); }, "scores"},
    {"scores_of_integers",
     {},
     [](GgufBuilder& f) { f.array<std::int32_t>(k_scores, std::vector<std::int32_t>(12, 1)); },
     k_scores},
    {"bos_out_of_range",
     {"tokenizer.ggml.bos_token_id"},
     [](GgufBuilder& f) { f.scalar<u32>("tokenizer.ggml.bos_token_id", 12); },
     nullptr},
    {"eos_negative",
     {"tokenizer.ggml.eos_token_id"},
     [](GgufBuilder& f) { f.scalar<std::int32_t>("tokenizer.ggml.eos_token_id", -1); },
     nullptr},
    {"unknown_out_of_range",
     {},
     [](GgufBuilder& f) { f.scalar<u32>("tokenizer.ggml.unknown_token_id", UINT32_MAX); },
     nullptr},
    {"padding_out_of_range",
     {},
     [](GgufBuilder& f) { f.scalar<u64>("tokenizer.ggml.padding_token_id", UINT64_MAX); },
     nullptr},
    {"special_ids_by_default",
     {"tokenizer.ggml.bos_token_id", "tokenizer.ggml.eos_token_id"},
     nullptr,
     nullptr},
    {"token_twice",
     {k_tokens},
     [](GgufBuilder& f) { f.strings(k_tokens, tokens_with(1, "a")); },
     nullptr},
    {"token_empty",
     {k_tokens},
     [](GgufBuilder& f) { f.strings(k_tokens, tokens_with(1, "")); },
     nullptr},
    {"byte_token_of_no_byte",
     {k_tokens},
     [](GgufBuilder& f) { f.strings(k_tokens, tokens_with(1, "<0x-1>")); },
     nullptr},
    {"token_of_broken_text",
     {k_tokens},
     [](GgufBuilder& f) { f.strings(k_tokens, tokens_with(1, "\xff\xc0")); },
     nullptr},
    {"merges_of_unknown_tokens",
     {k_merges},
     [](GgufBuilder& f) {
       f.strings(k_merges, {"q z", "a  b"});
     },
     nullptr},
    {"merges_missing", {k_merges}, nullptr, k_merges},
    {"merges_none", {k_merges}, [](GgufBuilder& f) { f.strings(k_merges, {}); }, k_merges},
    {"merges_that_are_no_pairs",
     {k_merges},
     [](GgufBuilder& f) {
       f.strings(k_merges, {"h e", "h"});
     },
     k_merges},
    {"token_without_end",
     {k_tokens},
     [](GgufBuilder& f) { f.strings(k_tokens, tokens_with(1, std::string(5000, 'a').c_str())); },
     "5000 bytes"},
    {"pre_tokenizer_missing", {"tokenizer.ggml.pre"}, nullptr, nullptr},
    {"merges_of_numbers",
     {k_merges},
     [](GgufBuilder& f) {
       f.array<float>(k_merges, {1, 2});
     },
     k_merges},
    {"flag_is_a_number",
     {"tokenizer.ggml.add_bos_token"},
     [](GgufBuilder& f) { f.scalar<u32>("tokenizer.ggml.add_bos_token", 1); },
     "tokenizer.ggml.add_bos_token"},
};
INSTANTIATE_TEST_SUITE_P(Vocabulary, Lies, ::testing::ValuesIn(k_vocabulary), name_of);

void chat(GgufBuilder& f, const std::string& text) { f.string("tokenizer.chat_template", text); }

const Lie k_templates[] = {
    {"none_at_all", {"tokenizer.chat_template"}, nullptr, nullptr},
    {"a_number",
     {"tokenizer.chat_template"},
     [](GgufBuilder& f) { f.scalar<u32>("tokenizer.chat_template", 1); },
     "tokenizer.chat_template"},
    {"no_template",
     {"tokenizer.chat_template"},
     [](GgufBuilder& f) { chat(f, "{% if %}"); },
     "chat template line 1"},
    {"endless",
     {"tokenizer.chat_template"},
     [](GgufBuilder& f) { chat(f, "{% for i in range(10**9) %}{% endfor %}"); },
     "chat template line 1"},
    {"calls_itself",
     {"tokenizer.chat_template"},
     [](GgufBuilder& f) { chat(f, "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"); },
     "nested too deeply"},
    {"looks_for_the_machine",
     {"tokenizer.chat_template"},
     [](GgufBuilder& f) { chat(f, "{{ ''.__class__.__mro__ }}"); },
     "chat template line 1"},
};
INSTANTIATE_TEST_SUITE_P(Templates, Lies, ::testing::ValuesIn(k_templates), name_of);
}  // namespace
}  // namespace tenon::testing
