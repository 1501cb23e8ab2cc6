// Checks a vocabulary before anything believes it.
#include "framework/text/tokenizer/vocab.hpp"

#include <fmt/format.h>

#include <limits>

namespace tenon {
namespace {

// Whether `tokenizer.ggml.model` says that the file brings no vocabulary.
bool has_no_text(std::string_view model) { return model == "none" || model == "no_vocab"; }

TokenType token_type(std::int32_t number) {
  const bool known = number >= 0 && number <= static_cast<std::int32_t>(TokenType::byte);
  return known ? static_cast<TokenType>(number) : TokenType::undefined;
}

Status check_length(std::string_view field, std::size_t length, std::size_t n_tokens) {
  if (length == 0 || length >= n_tokens) return {};
  return fail(ErrorCode::model,
              fmt::format("vocabulary: {} {} for {} tokens", length, field, n_tokens));
}

}  // namespace

Result<Vocab> Vocab::create(const VocabData& data) {
  Vocab vocab;
  if (has_no_text(data.model)) return vocab;
  if (Status s = vocab.copy_tokens(data); !s) return fail(s);
  if (Status s = vocab.copy_attributes(data); !s) return fail(s);
  vocab.copy_special_ids(data);
  return vocab;
}

Status Vocab::copy_tokens(const VocabData& data) {
  if (data.tokens.empty())
    return fail(ErrorCode::model, "vocabulary: tokenizer.ggml.tokens is empty");
  if (data.tokens.size() > k_max_tokens)
    return fail(ErrorCode::model, fmt::format("vocabulary: {} tokens, the limit is {}",
                                              data.tokens.size(), k_max_tokens));
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < data.tokens.size(); ++i) {
    if (data.tokens[i].size() > k_max_token_bytes)
      return fail(ErrorCode::model,
                  fmt::format("vocabulary: token {} has {} bytes, the limit is {}", i,
                              data.tokens[i].size(), k_max_token_bytes));
    bytes += data.tokens[i].size();
  }
  arena_.reserve(bytes);
  texts_.reserve(data.tokens.size());
  index_ = StringIndex(data.tokens.size());
  std::size_t duplicates = 0, empty = 0;
  for (const std::string_view token : data.tokens) {
    const char* begin = arena_.data() + arena_.size();
    arena_.insert(arena_.end(), token.begin(), token.end());
    texts_.emplace_back(begin, token.size());
    empty += token.empty();
    duplicates += !index_.insert(texts_, static_cast<TokenId>(texts_.size() - 1));
  }
  if (duplicates > 0)
    findings_.push_back(fmt::format("{} tokens have the text of an earlier one", duplicates));
  if (empty > 0) findings_.push_back(fmt::format("{} tokens are empty", empty));
  return {};
}

Status Vocab::copy_attributes(const VocabData& data) {
  if (Status s = check_length("scores", data.scores.size(), size()); !s) return s;
  if (Status s = check_length("token types", data.types.size(), size()); !s) return s;
  scores_ = data.scores;
  types_.assign(size(), TokenType::normal);
  for (std::size_t i = 0; i < size() && i < data.types.size(); ++i)
    types_[i] = token_type(data.types[i]);
  return {};
}

void Vocab::copy_special_ids(const VocabData& data) {
  const struct {
    std::string_view name;
    const std::optional<std::int64_t>& from;
    std::optional<TokenId>& to;
  } ids[] = {{"bos", data.bos, bos}, {"eos", data.eos, eos},     {"eot", data.eot, eot},
             {"eom", data.eom, eom}, {"unknown", data.unk, unk}, {"padding", data.pad, pad}};
  for (const auto& id : ids) {
    if (!id.from) continue;
    if (*id.from >= 0 && *id.from < static_cast<std::int64_t>(size()))
      id.to = static_cast<TokenId>(*id.from);
    else
      findings_.push_back(fmt::format("the {} token id {} is not one of {} tokens and is not used",
                                      id.name, *id.from, size()));
  }
}

}  // namespace tenon
