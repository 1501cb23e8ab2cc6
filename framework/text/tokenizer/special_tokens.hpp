// SpecialTokens: finds the tokens that are matched in the text itself, before any pre-tokenizer.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "framework/text/text_range.hpp"
#include "framework/text/tokenizer/vocab.hpp"

namespace tenon {

// In some families special tokens swallow the white space behind them (`rstrip` in the tokenizer
// that the file was made from). Files do not say so: the model's name tells.
struct StripRule {
  std::string_view name_part;  // lower case
  std::span<const std::string_view> except;
};

// The rule of the model called `name` (`general.name`), or nullptr.
const StripRule* find_strip_rule(std::string_view name);

class SpecialTokens {
 public:
  // `model_name`: `general.name`, by which tokens that swallow white space are known.
  explicit SpecialTokens(const Vocab& vocab, std::string_view model_name = {});

  struct Match {
    std::size_t begin = 0, end = 0;  // begin == end: none found
    TokenId id = -1;
  };

  // The leftmost longest special token at or after `from`. Control and unknown tokens take part
  // only with `parse_special`; user-defined ones (runs of spaces, HTML tags) always do. `end` is
  // behind the white space that the token swallows. A control token that has a byte in one of the
  // `plain` ranges is none.
  Match find(std::string_view text, std::size_t from, bool parse_special,
             std::span<const TextRange> plain = {}) const;

 private:
  struct Entry {
    std::string_view text;
    TokenId id;
    bool always;
    bool strips_right;
  };
  Match longest_at(std::string_view text, std::size_t at, bool parse_special,
                   std::span<const TextRange> plain) const;

  std::vector<Entry> entries_;                   // sorted by text
  std::array<std::uint32_t, 257> first_byte_{};  // entries of byte b: [b], [b + 1]
};

}  // namespace tenon
