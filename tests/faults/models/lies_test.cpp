// The ways in which model files were wrong and brought other programs down, one by one: each is
// refused with exit code 3 and the name of what is wrong, or is harmless and accepted.
#include <gmock/gmock.h>

#include <limits>

#include "tests/faults/models/load_path.hpp"
#include "tests/faults/models/micro_llama.hpp"

namespace tenon::testing {
namespace {

using ::testing::HasSubstr;

struct Lie {
  const char* name;
  std::set<std::string> without;
  void (*more)(GgufBuilder&);
  const char* says;  // what the message names; nullptr: the file is accepted all the same
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
    return;
  }
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->code(), ErrorCode::model) << message;
  EXPECT_THAT(message, HasSubstr(GetParam().says));
  if (outcome.stage != Stage::text) {  // whose errors are about a template, which has no file
    EXPECT_THAT(message, HasSubstr("hostile.gguf"));
  }
  EXPECT_LT(outcome.peak_bytes, std::size_t{4} << 20);
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

#define MORE [](GgufBuilder & f)
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
    {"architecture_is_a_number", {"general.architecture"},
     MORE{f.scalar<u32>("general.architecture", 1);
}  // namespace
, "general.architecture"
}  // namespace tenon::testing
, {"layers_none", {k_layers}, layers<0>, k_layers},
    {"layers_one_too_many", {k_layers}, layers<2>, "blk.1."},
    {"layers_2_31", {k_layers}, layers<0x80000000>, k_layers},
    {"layers_2_32", {k_layers}, layers<0xffffffff>, k_layers},
    {"layers_u64", {k_layers}, MORE{f.scalar<u64>(k_layers, UINT64_MAX);
}
, k_layers
}
, {"layers_negative", {k_layers}, MORE{f.scalar<std::int8_t>(k_layers, -1);
}
, k_layers
}
, {"layers_text", {k_layers}, MORE{f.string(k_layers, "1");
}
, k_layers
}
, {"layers_real", {k_layers}, MORE{f.scalar<float>(k_layers, 1);
}
, k_layers
}
, {"layers_array", {k_layers}, MORE{f.array<u32>(k_layers, {1});
}
, k_layers
}
, {"layers_missing", {k_layers}, nullptr, k_layers},
    {"width_none", {"llama.embedding_length"}, MORE{f.scalar<u32>("llama.embedding_length", 0);
}
, "llama.embedding_length"
}
, {"width_huge", {"llama.embedding_length"}, MORE{f.scalar<u64>("llama.embedding_length", k_huge);
}
, "llama.embedding_length"
}
, {"width_other", {"llama.embedding_length"}, MORE{f.scalar<u32>("llama.embedding_length", 64);
}
, "token_embd.weight"
}
, {"heads_none", {k_heads}, MORE{f.scalar<u32>(k_heads, 0);
}
, k_heads
}
, {"heads_huge", {k_heads}, MORE{f.scalar<u64>(k_heads, k_huge);
}
, k_heads
}
, {"heads_missing", {k_heads}, nullptr, k_heads},
    {"heads_that_do_not_divide", {k_heads}, MORE{f.scalar<u32>(k_heads, 3);
}
, "attn_q.weight"
}
, {"kv_heads_none", {k_kv}, MORE{f.scalar<u32>(k_kv, 0);
}
, k_kv
}
, {"kv_heads_more_than_heads", {k_kv}, MORE{f.scalar<u32>(k_kv, 4);
}
, k_kv
}
, {"key_length_none", {}, MORE{f.scalar<u32>(k_keys, 0);
}
, k_keys
}
, {"key_length_huge", {}, MORE{f.scalar<u64>(k_keys, k_huge);
}
, k_keys
}
, {"key_length_odd", {}, MORE{f.scalar<u32>(k_keys, 15);
}
, ""
}
, {"ffn_none", {"llama.feed_forward_length"}, MORE{f.scalar<u32>("llama.feed_forward_length", 0);
}
, "llama.feed_forward_length"
}
, {"ffn_huge", {"llama.feed_forward_length"},
   MORE{f.scalar<u64>("llama.feed_forward_length", k_huge);
}
, "llama.feed_forward_length"
}
, {"context_none", {k_context}, MORE{f.scalar<u32>(k_context, 0);
}
, k_context
}
, {"context_huge", {k_context}, MORE{f.scalar<u64>(k_context, u64{1} << 62);
}
, k_context
}
, {"context_as_long_as_it_goes", {k_context}, MORE{f.scalar<u32>(k_context, 0x7fffffff);
}
, nullptr
}
, {"eps_nan", {k_eps}, MORE{f.scalar<float>(k_eps, k_nan);
}
, k_eps
}
, {"eps_none", {k_eps}, MORE{f.scalar<float>(k_eps, 0);
}
, k_eps
}
, {"eps_negative", {k_eps}, MORE{f.scalar<float>(k_eps, -1);
}
, k_eps
}
, {"eps_too_large_for_float", {k_eps}, MORE{f.scalar<double>(k_eps, 1e300);
}
, k_eps
}
, {"base_infinite", {k_base}, MORE{f.scalar<float>(k_base, k_inf);
}
, k_base
}
, {"base_none", {k_base}, MORE{f.scalar<float>(k_base, 0);
}
, k_base
}
, {"base_text", {k_base}, MORE{f.string(k_base, "10000");
}
, k_base
}
, {"rope_odd", {}, MORE{f.scalar<u32>(k_rope, 7);
}
, k_rope
}
, {"rope_wider_than_a_head", {}, MORE{f.scalar<u32>(k_rope, 64);
}
, k_rope
}
, {"rope_huge", {}, MORE{f.scalar<u64>(k_rope, k_huge);
}
, k_rope
}
, {"rope_scaling_is_a_number", {}, MORE{f.scalar<u32>("llama.rope.scaling.type", 3);
}
, "llama.rope.scaling.type"
}
, {"rope_scaling_by_nothing", {}, MORE{f.string("llama.rope.scaling.type", "linear");
f.scalar<float>("llama.rope.scaling.factor", 0);
}
, "llama.rope.scaling.factor"
}
,
}
;
INSTANTIATE_TEST_SUITE_P(Numbers, Lies, ::testing::ValuesIn(k_numbers), name_of);

void small_tensor(GgufBuilder& f, const char* name, std::uint64_t n, std::string_view dtype) {
  f.tensor(name, {n}, dtype);
}

const Lie k_tensors[] = {{"missing", {"blk.0.ffn_up.weight"}, nullptr, "blk.0.ffn_up.weight"},
                         {"of_another_shape", {"output_norm.weight"},
                          MORE{small_tensor(f, "output_norm.weight", 16, "f32");
}
, "output_norm.weight"
}
, {"norm_of_integers", {"output_norm.weight"},
   MORE{small_tensor(f, "output_norm.weight", 32, "i32");
}
, "output_norm.weight"
}
, {"norm_of_blocks", {"output_norm.weight"}, MORE{small_tensor(f, "output_norm.weight", 32, "q8_0");
}
, "output_norm.weight"
}
, {"matrix_of_integers", {"blk.0.ffn_up.weight"},
   MORE{f.tensor("blk.0.ffn_up.weight", {32, 32}, "i8");
}
, "blk.0.ffn_up.weight"
}
, {"rope_factors_too_few", {}, MORE{small_tensor(f, "rope_freqs.weight", 4, "f32");
}
, "rope_freqs.weight"
}
, {"nobody_asked_for", {}, MORE{small_tensor(f, "extra.weight", 7, "i64");
}
, nullptr
}
,
}
;
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
    {"unknown_model", {"tokenizer.ggml.model"}, MORE{f.string("tokenizer.ggml.model", "abacus");
}
, "abacus"
}
, {"unknown_pre_tokenizer", {"tokenizer.ggml.pre"}, MORE{f.string("tokenizer.ggml.pre", "abacus");
}
, "abacus"
}
, {"no_tokens", {k_tokens}, nullptr, k_tokens}, {"empty", {k_tokens}, MORE{f.strings(k_tokens, {});
}
, k_tokens
}
, {"tokens_are_numbers", {k_tokens}, MORE{f.array<u32>(k_tokens, {1, 2});
}
, k_tokens
}
, {"more_tokens_than_rows", {k_tokens, k_types}, MORE{f.strings(k_tokens, tokens_with(12, "z"));
}
, k_tokens
}
, {"types_too_few", {k_types}, MORE{f.array<std::int32_t>(k_types, {1, 1});
}
, "token types"
}
, {"types_of_text", {k_types}, MORE{f.strings(k_types, {"1"});
}
, k_types
}
, {"types_out_of_range", {k_types},
   MORE{f.array<std::int32_t>(k_types, std::vector<std::int32_t>(12, -77));
}
, nullptr
}
, {"scores_too_few", {}, MORE{f.array<float>(k_scores, {0.5F});
}
, "scores"
}
, {"scores_of_integers", {}, MORE{f.array<std::int32_t>(k_scores, std::vector<std::int32_t>(12, 1));
}
, k_scores
}
, {"bos_out_of_range", {"tokenizer.ggml.bos_token_id"},
   MORE{f.scalar<u32>("tokenizer.ggml.bos_token_id", 12);
}
, "bos"
}
, {"eos_negative", {"tokenizer.ggml.eos_token_id"},
   MORE{f.scalar<std::int32_t>("tokenizer.ggml.eos_token_id", -1);
}
, "eos"
}
, {"unknown_out_of_range", {}, MORE{f.scalar<u32>("tokenizer.ggml.unknown_token_id", UINT32_MAX);
}
, "unknown"
}
, {"padding_out_of_range", {}, MORE{f.scalar<u64>("tokenizer.ggml.padding_token_id", UINT64_MAX);
}
, "padding"
}
,
    {"special_ids_by_default",
     {"tokenizer.ggml.bos_token_id", "tokenizer.ggml.eos_token_id"},
     nullptr,
     nullptr},
    {"token_twice", {k_tokens}, MORE{f.strings(k_tokens, tokens_with(1, "a"));
}
, nullptr
}
, {"token_empty", {k_tokens}, MORE{f.strings(k_tokens, tokens_with(1, ""));
}
, nullptr
}
, {"byte_token_of_no_byte", {k_tokens}, MORE{f.strings(k_tokens, tokens_with(1, "<0x-1>"));
}
, nullptr
}
, {"token_of_broken_text", {k_tokens}, MORE{f.strings(k_tokens, tokens_with(1, "\xff\xc0"));
}
, nullptr
}
, {"merges_of_unknown_tokens", {k_merges}, MORE{f.strings(k_merges, {"q z", "h", "", " ", "a  b"});
}
, nullptr
}
, {"merges_of_numbers", {k_merges}, MORE{f.array<float>(k_merges, {1, 2});
}
, k_merges
}
, {"flag_is_a_number", {"tokenizer.ggml.add_bos_token"},
   MORE{f.scalar<u32>("tokenizer.ggml.add_bos_token", 1);
}
, "tokenizer.ggml.add_bos_token"
}
,
}
;
INSTANTIATE_TEST_SUITE_P(Vocabulary, Lies, ::testing::ValuesIn(k_vocabulary), name_of);

void chat(GgufBuilder& f, const std::string& text) { f.string("tokenizer.chat_template", text); }

const Lie k_templates[] = {
    {"none_at_all", {"tokenizer.chat_template"}, nullptr, nullptr},
    {"a_number", {"tokenizer.chat_template"}, MORE{f.scalar<u32>("tokenizer.chat_template", 1);
}
, "tokenizer.chat_template"
}
, {"no_template", {"tokenizer.chat_template"}, MORE{chat(f, "{% if %}");
}
, "chat template line 1"
}
, {"endless", {"tokenizer.chat_template"}, MORE{chat(f, "{% for i in range(10**9) %}{% endfor %}");
}
, "chat template line 1"
}
, {"calls_itself", {"tokenizer.chat_template"},
   MORE{chat(f, "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}");
}
, "nested too deeply"
}
, {"looks_for_the_machine", {"tokenizer.chat_template"}, MORE{chat(f, "{{ ''.__class__.__mro__ }}");
}
, "chat template line 1"
}
,
}
;
INSTANTIATE_TEST_SUITE_P(Templates, Lies, ::testing::ValuesIn(k_templates), name_of);
#undef MORE

}  // namespace
}  // namespace tenon::testing
