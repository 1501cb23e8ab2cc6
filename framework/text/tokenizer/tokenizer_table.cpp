// What is known about tokenizers by the names in a file, as data.
#include <algorithm>
#include <string>

#include "framework/text/tokenizer/no_text.hpp"
#include "framework/text/tokenizer/special_tokens.hpp"
#include "framework/text/tokenizer/text_encoder.hpp"

namespace tenon {
namespace {

bool always(const VocabData&) { return true; }
bool never(const VocabData&) { return false; }

constexpr TextEncoderKind k_kinds[] = {
    {.model = "gpt2", .create = create_byte_bpe, .add_bos = byte_bpe_adds_bos},
    {.model = "llama",
     .create = create_score_bpe,
     .add_bos = always,
     .ids = {.bos = 1, .eos = 2, .unk = 0}},
    {.model = "gemma4", .create = create_raw_bpe, .add_bos = always},
    {.model = "none", .create = create_no_text, .add_bos = never},
    {.model = "no_vocab", .create = create_no_text, .add_bos = never},
};

constexpr std::string_view k_phi3_except[] = {"<unk>", "<s>", "<|endoftext|>"};
constexpr StripRule k_strip_rules[] = {
    {.name_part = "phi-3", .except = k_phi3_except},
    {.name_part = "phi3", .except = k_phi3_except},
};

}  // namespace

const TextEncoderKind* find_text_encoder_kind(std::string_view model) {
  const auto kind = std::find_if(std::begin(k_kinds), std::end(k_kinds),
                                 [&](const TextEncoderKind& k) { return k.model == model; });
  return kind == std::end(k_kinds) ? nullptr : kind;
}

const StripRule* find_strip_rule(std::string_view name) {
  std::string lower(name);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  for (const StripRule& rule : k_strip_rules)
    if (lower.find(rule.name_part) != std::string::npos) return &rule;
  return nullptr;
}

}  // namespace tenon
