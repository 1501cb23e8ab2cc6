// Words of each family, and texts that break careless regular expressions.
#include "framework/text/tokenizer/pre_tokenizer.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace tenon {
namespace {

using Words = std::vector<std::string_view>;

Words split(std::string_view name, std::string_view text) {
  const Result<PreTokenizer> pre = PreTokenizer::create(name);
  EXPECT_TRUE(pre) << name;
  return pre ? pre->split(text).value() : Words{};
}

TEST(PreTokenizer, EveryRowCompiles) {
  for (const PreTokenizerRow& row : pre_tokenizer_table())
    EXPECT_EQ(split(row.name, "a"), Words{"a"}) << row.name;
}

TEST(PreTokenizer, DigitsByFamily) {
  EXPECT_EQ(split("gpt-2", "x 1234"), (Words{"x", " 1234"}));
  EXPECT_EQ(split("smollm", "x 1234"), (Words{"x", " ", "1", "2", "3", "4"}));
  EXPECT_EQ(split("llama-bpe", "x 1234"), (Words{"x", " ", "123", "4"}));
  EXPECT_EQ(split("qwen2", "12"), (Words{"1", "2"}));
}

TEST(PreTokenizer, SpacesBelongToTheNextWord) {
  EXPECT_EQ(split("gpt-2", "a   b"), (Words{"a", "  ", " b"}));
  EXPECT_EQ(split("llama-bpe", "a \n\n b"), (Words{"a", " \n\n", " b"}));
  EXPECT_EQ(split("gpt-2", "a  "), (Words{"a", "  "}));
}

TEST(PreTokenizer, ContractionsByFamily) {
  EXPECT_EQ(split("gpt-2", "it's IT'S"), (Words{"it", "'s", " IT", "'", "S"}));
  EXPECT_EQ(split("llama-bpe", "it's IT'S"), (Words{"it", "'s", " IT", "'S"}));
}

TEST(PreTokenizer, SpaceIsUnicodeWhiteSpace) {
  EXPECT_EQ(split("gpt-2", "a\u00A0\u00A0b"), (Words{"a", "\u00A0", "\u00A0", "b"}));
  EXPECT_EQ(split("gpt-2", "a\u180Eb"), (Words{"a", "\u180E", "b"}));
  EXPECT_EQ(split("llama-bpe", "\u180E!"),
            (Words{"\u180E!"}));  // not white space since Unicode 6.3
}

TEST(PreTokenizer, CasedWords) {
  EXPECT_EQ(split("gpt-4o", "HelloWorld'S"), (Words{"Hello", "World'S"}));
  EXPECT_EQ(split("tekken", "HelloWorld/\n"), (Words{"Hello", "World", "/\n"}));
}

TEST(PreTokenizer, NothingIsLost) {
  const std::string text =
      "I'm 3.14\t\u4F60\u597D \U0001F468\u200D\U0001F469 e\u0301 \r\n\n x=[1,2]; ";
  for (const PreTokenizerRow& row : pre_tokenizer_table()) {
    std::string joined;
    for (const std::string_view word : split(row.name, text)) joined += word;
    EXPECT_EQ(joined, text) << row.name;
  }
}

TEST(PreTokenizer, LongRunsAreLinear) {
  const auto begin = std::chrono::steady_clock::now();
  for (const std::string_view unit : {"a", "A", " ", "\n", "1", "!", "\u0301", "\u4F60", "' "}) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += unit;
    text += 'x';
    for (const PreTokenizerRow& row : pre_tokenizer_table())
      EXPECT_TRUE(PreTokenizer::create(row.name).value().split(text)) << row.name << ' ' << unit;
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  EXPECT_LT(seconds.count(), 20.0);  // all rows; a quadratic one alone takes longer
}

}  // namespace
}  // namespace tenon
