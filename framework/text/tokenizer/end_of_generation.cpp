// The texts by which models end a turn, a document or a tool call.
#include "framework/text/tokenizer/end_of_generation.hpp"

#include <algorithm>

namespace tenon {
namespace {

constexpr std::string_view k_ends[] = {
    "<|eot_id|>",
    "<|im_end|>",
    "<|end|>",
    "<|return|>",
    "<|call|>",
    "<|flush|>",
    "<|calls|>",
    "<end_of_turn>",
    "<|endoftext|>",
    "</s>",
    "<|eom_id|>",
    "<EOT>",
    "_<EOT>",
    "[EOT]",
    "[EOS]",
    "<|end_of_text|>",
    "<end_of_utterance>",
    "<eos>",
    "<turn|>",
    "<|tool_response>",
    "<｜end▁of▁sentence｜>",
    "[e~[",
    "<|fim_pad|>",
    "<fim-pad>",
    "<fim_pad>",
    "<|fim_repo|>",
    "<|repo_name|>",
    "<fim-repo>",
    "<reponame>",
    "<|file_sep|>",
};

// A vocabulary that has all of `present` does not end at `not_an_end`.
struct Exception {
  std::string_view not_an_end;
  std::string_view present[2];
};

constexpr Exception k_exceptions[] = {
    {"<|end|>", {"<|return|>", "<|call|>"}},
    {"<|end|>", {"<|calls|>", "<|flush|>"}},
    {"</s>", {"<|tool_response>", "<|tool_response>"}},
};

bool is_exception(const Vocab& vocab, std::string_view text) {
  return std::any_of(std::begin(k_exceptions), std::end(k_exceptions), [&](const Exception& e) {
    return e.not_an_end == text && vocab.find(e.present[0]) >= 0 && vocab.find(e.present[1]) >= 0;
  });
}

}  // namespace

std::vector<TokenId> end_of_generation_tokens(const Vocab& vocab) {
  std::vector<TokenId> ids;
  for (const std::string_view text : k_ends)
    if (const TokenId id = vocab.find(text); id >= 0 && !is_exception(vocab, text))
      ids.push_back(id);
  for (const std::optional<TokenId>& id : {vocab.eos, vocab.eot, vocab.eom})
    if (id) ids.push_back(*id);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

}  // namespace tenon
