// SentencePiece's conventions, shared by the kinds of tokenizer that follow them: spaces are
// written U+2581, bytes without a token of their own are tokens "<0x0A>".
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "framework/text/tokenizer/vocab.hpp"

namespace tenon::sentencepiece {

inline constexpr std::string_view k_space = "\xE2\x96\x81";  // U+2581

// Every ' ' of `text` becomes k_space.
std::string escape(std::string_view text);

// The bytes that a token stands for.
std::string piece(const Vocab& vocab, TokenId id);

// The tokens of what has no token: its bytes, or the unknown token where a byte has none.
class ByteFallback {
 public:
  explicit ByteFallback(const Vocab& vocab);
  void append(std::string_view bytes, std::vector<TokenId>& out) const;

 private:
  std::array<TokenId, 256> tokens_{};
  TokenId unknown_;
};

}  // namespace tenon::sentencepiece
