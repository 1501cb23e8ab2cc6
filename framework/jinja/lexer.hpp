// Jinja source to tokens, with the white space rules of trim_blocks and lstrip_blocks applied.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.hpp"
#include "framework/jinja/limits.hpp"

namespace tenon::jinja {

enum class TokenKind {
  data,
  block_begin,
  block_end,
  variable_begin,
  variable_end,
  name,
  string,
  integer,
  real,
  symbol,
  end,
};

struct Token {
  TokenKind kind;
  std::string text;  // of a string: its value
  int line;
};

// The last token is `end`; their texts are valid UTF-8. Errors name the line.
Result<std::vector<Token>> tokenize(std::string_view source, const Limits& limits);

}  // namespace tenon::jinja
