// Detokenizer: tokens to text as they come, never with half a code point.
#pragma once

#include <string>

#include "framework/text/tokenizer.hpp"

namespace tenon {

struct DetokenizeOptions {
  bool control_tokens = false;  // also write the text of control tokens
};

// One per answer. The tokenizer must outlive it.
class Detokenizer {
 public:
  explicit Detokenizer(const Tokenizer& tokenizer, DetokenizeOptions options = {})
      : tokenizer_(tokenizer), options_(options) {}

  // The text that is certain after this token: valid UTF-8, perhaps empty.
  std::string push(TokenId id);

  // What was held back: U+FFFD if the answer ends within a code point, else nothing.
  std::string finish();

 private:
  const Tokenizer& tokenizer_;
  DetokenizeOptions options_;
  std::string held_back_;
};

// The text of all of `ids`.
std::string detokenize(const Tokenizer& tokenizer, std::span<const TokenId> ids,
                       DetokenizeOptions options = {});

}  // namespace tenon
