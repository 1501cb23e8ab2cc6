// A model's vocabulary: what a file says (VocabData) and what has been checked (Vocab).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.hpp"
#include "framework/base/token.hpp"
#include "framework/text/tokenizer/string_index.hpp"

namespace tenon {

// The numbers are those of `tokenizer.ggml.token_type`.
enum class TokenType : std::uint8_t {
  undefined = 0,
  normal = 1,
  unknown = 2,
  control = 3,
  user_defined = 4,
  unused = 5,
  byte = 6,
};

// What no vocabulary comes near; more is refused before memory is taken for it.
inline constexpr std::size_t k_max_tokens = std::size_t{1} << 22;
inline constexpr std::size_t k_max_merges = std::size_t{1} << 22;
inline constexpr std::size_t k_max_token_bytes = 4096;

// A vocabulary as a file states it; nothing here is checked. The views are read during
// Tokenizer::create only.
struct VocabData {
  std::string model;  // "gpt2" is byte-level BPE, "llama" is SentencePiece
  std::string pre;    // name of the pre-tokenizer; empty is "default"
  std::vector<std::string_view> tokens;
  std::vector<float> scores;             // empty, or one per token
  std::vector<std::int32_t> types;       // empty (all normal), or one per token
  std::vector<std::string_view> merges;  // "left right", best first
  std::optional<std::int64_t> bos, eos, eot, eom, unk, pad;
  std::optional<bool> add_bos, add_eos, add_space_prefix, remove_extra_whitespaces;
  std::string name;  // `general.name`: some rules of a tokenizer are known by it only
};

// The checked vocabulary: owns its texts, every id is in range. Immutable.
class Vocab {
 public:
  static Result<Vocab> create(const VocabData& data);

  Vocab(Vocab&&) = default;  // not copied: texts_ and index_ point into arena_
  Vocab& operator=(Vocab&&) = default;

  std::size_t size() const { return texts_.size(); }
  bool contains(TokenId id) const { return id >= 0 && static_cast<std::size_t>(id) < size(); }

  // The token as the file spells it. `id` must be contained.
  std::string_view text(TokenId id) const { return texts_[static_cast<std::size_t>(id)]; }
  TokenType type(TokenId id) const { return types_[static_cast<std::size_t>(id)]; }
  float score(TokenId id) const {
    return scores_.empty() ? 0.0f : scores_[static_cast<std::size_t>(id)];
  }

  // The first token spelt `text`, or -1.
  TokenId find(std::string_view text) const { return index_.find(texts_, text); }

  std::optional<TokenId> bos, eos, eot, eom, unk, pad;

  // Oddities that are no reason to refuse the file, for `tenon inspect`.
  std::span<const std::string> findings() const { return findings_; }

 private:
  Vocab() = default;
  Status copy_tokens(const VocabData& data);
  Status copy_attributes(const VocabData& data);
  void copy_special_ids(const VocabData& data);

  std::vector<char> arena_;  // a vector: moving it keeps the views below alive
  std::vector<std::string_view> texts_;
  std::vector<TokenType> types_;
  std::vector<float> scores_;
  StringIndex index_;
  std::vector<std::string> findings_;
};

}  // namespace tenon
