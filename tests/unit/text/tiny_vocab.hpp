// A byte-level vocabulary of a few hundred tokens: all bytes, some merges, some special tokens.
#pragma once

#include <deque>
#include <string>

#include "framework/text/tokenizer/byte_level.hpp"
#include "framework/text/tokenizer/tokenizer.hpp"

namespace tenon {

// Ids 0-255 are the bytes; `merges` append the tokens they make; then come the special tokens.
class TinyVocab {
 public:
  explicit TinyVocab(std::string pre = "gpt-2") {
    data.model = "gpt2";
    data.pre = std::move(pre);
    for (unsigned byte = 0; byte < 256; ++byte)
      add(std::string(byte_level_.spell(static_cast<std::uint8_t>(byte))), TokenType::normal);
  }

  // `left` and `right` as the file spells them.
  TokenId merge(const std::string& left, const std::string& right) {
    texts_.push_back(left + " " + right);
    data.merges.push_back(texts_.back());
    return add(left + right, TokenType::normal);
  }

  TokenId add(std::string text, TokenType type) {
    texts_.push_back(std::move(text));
    data.tokens.push_back(texts_.back());
    data.types.push_back(static_cast<std::int32_t>(type));
    return static_cast<TokenId>(data.tokens.size() - 1);
  }

  Tokenizer make() const {
    VocabData complete = data;
    if (complete.merges.empty()) complete.merges = {"a b"};  // which makes no token
    return std::move(Tokenizer::create(complete)).value();
  }

  VocabData data;

 private:
  ByteLevel byte_level_;
  std::deque<std::string> texts_;  // a deque: its strings never move
};

inline std::vector<TokenId> bytes_of(std::string_view text) {
  std::vector<TokenId> ids;
  for (const char c : text) ids.push_back(static_cast<std::uint8_t>(c));
  return ids;
}

}  // namespace tenon
