// Detokenizer: tokens to text as they come, never with half a code point.
#pragma once

#include <string>

#include "framework/text/tokenizer/tokenizer.hpp"

namespace tenon {

struct DetokenizeOptions {
  bool control_tokens = false;  // also write the text of control tokens
  // Nothing, or a special token, stands before the first token: the space that the tokenizer put
  // before the text is taken off, if it puts one. Set it for whole texts, and for answers to
  // prompts that end with a special token.
  bool at_start = false;
};

// One per answer. The tokenizer must outlive it.
class Detokenizer {
 public:
  explicit Detokenizer(const Tokenizer& tokenizer, DetokenizeOptions options = {})
      : tokenizer_(tokenizer),
        options_(options),
        skip_space_(options.at_start && tokenizer.adds_space()) {}

  // The text that is certain after this token: valid UTF-8, perhaps empty.
  std::string push(TokenId id);

  // What was held back: U+FFFD if the answer ends within a code point, else nothing.
  std::string finish();

 private:
  const Tokenizer& tokenizer_;
  DetokenizeOptions options_;
  bool skip_space_;  // the next piece loses one leading space
  std::string held_back_;
};

// The text of all of `ids`, a whole text.
std::string detokenize(const Tokenizer& tokenizer, std::span<const TokenId> ids,
                       DetokenizeOptions options = {});

}  // namespace tenon
