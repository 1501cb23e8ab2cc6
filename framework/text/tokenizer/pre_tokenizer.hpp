// PreTokenizer: cuts text into words with the regular expressions of a model family.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "framework/base/result.hpp"
#include "framework/text/tokenizer/encode_budget.hpp"

namespace tenon {

// One row of the table in pre_tokenizer_table.cpp. Each pattern cuts what the ones before it left.
struct PreTokenizerRow {
  std::string_view name;                       // `tokenizer.ggml.pre`
  std::span<const std::string_view> patterns;  // PCRE2 syntax; \s is Unicode White_Space
  bool whole_words = false;  // a word that is a token is taken as it is, merges or not
  bool add_bos = false;      // unless the file says otherwise
  bool nfc = false;          // the model's own tokenizer normalises text to NFC first
};

std::span<const PreTokenizerRow> pre_tokenizer_table();

class PreTokenizer {
 public:
  // The row called `name` (empty: "default"), compiled. Error: unknown name.
  static Result<PreTokenizer> create(std::string_view name);

  PreTokenizer(PreTokenizer&&) noexcept;
  PreTokenizer& operator=(PreTokenizer&&) noexcept;
  ~PreTokenizer();

  const PreTokenizerRow& row() const { return *row_; }

  // Words of `text`, which must be valid UTF-8, in order and without gaps. [thread-safe]
  // Error: a pattern needs more than its match limit, or `budget` (may be nullptr) is spent.
  Result<std::vector<std::string_view>> split(std::string_view text,
                                              EncodeBudget* budget = nullptr) const;

 private:
  class Regex;
  class Scratch;
  explicit PreTokenizer(const PreTokenizerRow& row);
  static Status cut(const Regex& regex, Scratch& scratch, std::string_view piece,
                    EncodeBudget* budget, std::vector<std::string_view>& out);

  const PreTokenizerRow* row_;
  std::vector<Regex> regexes_;
};

}  // namespace tenon
