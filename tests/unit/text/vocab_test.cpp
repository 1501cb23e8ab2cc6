// Vocabularies that files got wrong: each is refused by name, or taken with a finding.
#include "framework/text/tokenizer/vocab.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/text/tokenizer/end_of_generation.hpp"
#include "tests/unit/text/tiny_vocab.hpp"

namespace tenon {
namespace {

using testing::HasSubstr;

VocabData three_tokens() {
  VocabData data;
  data.model = "gpt2";
  data.tokens = {"a", "b", "c"};
  return data;
}

void expect_refused(const VocabData& data, const char* reason) {
  const Result<Tokenizer> tokenizer = Tokenizer::create(data);
  ASSERT_FALSE(tokenizer);
  EXPECT_EQ(tokenizer.error().code(), ErrorCode::model);
  EXPECT_THAT(tokenizer.error().message(), HasSubstr(reason));
}

TEST(Vocab, RefusesAnEmptyOne) {
  VocabData data;
  data.model = "gpt2";
  expect_refused(data, "tokens is empty");
}

TEST(Vocab, RefusesShortScoresAndTypes) {
  VocabData data = three_tokens();
  data.scores = {1.0f};
  expect_refused(data, "1 scores for 3 tokens");
  data = three_tokens();
  data.types = {1, 1};
  expect_refused(data, "2 token types for 3 tokens");
}

TEST(Vocab, RefusesIdsOutOfRange) {
  for (const std::int64_t id : {std::int64_t{-1}, std::int64_t{3}, std::int64_t{1} << 40}) {
    VocabData data = three_tokens();
    data.eos = id;
    expect_refused(data, "eos token id");
  }
}

TEST(Vocab, RefusesUnknownKinds) {
  VocabData data = three_tokens();
  data.model = "abacus";
  expect_refused(data, "'abacus' is not supported");
  data = three_tokens();
  data.pre = "abacus";
  expect_refused(data, "'abacus' is not a known pre-tokenizer");
}

TEST(Vocab, TakesDuplicatesAndEmptyTexts) {
  VocabData data = three_tokens();
  data.tokens = {"a", "a", "", "b"};
  const Result<Vocab> vocab = Vocab::create(data);
  ASSERT_TRUE(vocab);
  EXPECT_EQ(vocab->find("a"), 0);
  EXPECT_EQ(vocab->findings().size(), 2u);
}

TEST(Vocab, TakesUnknownTypeNumbers) {
  VocabData data = three_tokens();
  data.types = {1, 99, -7};
  const Result<Vocab> vocab = Vocab::create(data);
  ASSERT_TRUE(vocab);
  EXPECT_EQ(vocab->type(1), TokenType::undefined);
  EXPECT_EQ(vocab->type(2), TokenType::undefined);
}

TEST(Vocab, OutlivesTheTextsItWasMadeFrom) {
  std::string text = "hello";
  VocabData data;
  data.tokens = {text};
  Result<Vocab> vocab = Vocab::create(data);
  ASSERT_TRUE(vocab);
  const Vocab moved = std::move(*vocab);
  text = "other";
  EXPECT_EQ(moved.find("hello"), 0);
  EXPECT_EQ(moved.text(0), "hello");
}

TEST(Vocab, NonsenseMergesAreIgnored) {
  VocabData data = three_tokens();
  data.merges = {"", " ", "a", "a zz", "zz a", "a b"};
  const Result<Tokenizer> tokenizer = Tokenizer::create(data);
  ASSERT_TRUE(tokenizer);
  EXPECT_EQ(tokenizer->encode("ab").value(), (std::vector<TokenId>{0, 1}));
}

TEST(EndOfGeneration, ByIdAndByText) {
  VocabData data = three_tokens();
  data.tokens = {"a", "<|im_end|>", "<|end|>", "b"};
  data.eos = 3;
  EXPECT_EQ(end_of_generation_tokens(Vocab::create(data).value()), (std::vector<TokenId>{1, 2, 3}));
}

TEST(EndOfGeneration, HarmonyGoesOnAfterEnd) {
  VocabData data = three_tokens();
  data.tokens = {"<|end|>", "<|return|>", "<|call|>"};
  EXPECT_EQ(end_of_generation_tokens(Vocab::create(data).value()), (std::vector<TokenId>{1, 2}));
}

}  // namespace
}  // namespace tenon
