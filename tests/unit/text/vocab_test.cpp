// Vocabularies that files got wrong: each is refused by name, or taken with a finding.
#include "framework/text/tokenizer/vocab.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <ctime>
#include <functional>

#include "framework/text/tokenizer/end_of_generation.hpp"
#include "framework/text/tokenizer/merge_table.hpp"
#include "tests/unit/text/tiny_vocab.hpp"

namespace tenon {
namespace {

using testing::HasSubstr;

VocabData three_tokens() {
  VocabData data;
  data.model = "gpt2";
  data.pre = "gpt-2";
  data.tokens = {"a", "b", "c"};
  data.merges = {"a c"};
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

TEST(Vocab, RefusesTokensAndNamesWithoutAnEnd) {
  const std::string letters(100'000, 'a');
  VocabData data = three_tokens();
  data.tokens[1] = letters;
  expect_refused(data, "token 1 has 100000 bytes");
  for (std::string VocabData::*name : {&VocabData::model, &VocabData::pre}) {
    data = three_tokens();
    data.*name = letters + "\033[2J";
    const auto refused = Tokenizer::create(data);
    ASSERT_FALSE(refused);
    EXPECT_LT(refused.error().message().size(), 300u);
  }
}

TEST(Vocab, DropsSpecialIdsOutOfRange) {
  for (const std::int64_t id : {std::int64_t{-1}, std::int64_t{3}, std::int64_t{1} << 40}) {
    VocabData data = three_tokens();
    data.eos = id;
    const auto tokenizer = Tokenizer::create(data);
    ASSERT_TRUE(tokenizer) << tokenizer.error().message();
    EXPECT_FALSE(tokenizer->vocab().eos);
    EXPECT_THAT(tokenizer->findings(), testing::Contains(HasSubstr("eos token id")));
  }
}

TEST(Vocab, SentencePieceHasUsualIds) {
  VocabData data = three_tokens();
  data.model = "llama";
  data.eos = 77;  // no token: as good as none
  const auto tokenizer = Tokenizer::create(data);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message();
  EXPECT_EQ(tokenizer->vocab().unk, 0);
  EXPECT_EQ(tokenizer->vocab().bos, 1);
  EXPECT_EQ(tokenizer->vocab().eos, 2);
  EXPECT_THAT(tokenizer->findings(), testing::ElementsAre(HasSubstr("77"), HasSubstr("bos"),
                                                          HasSubstr("eos"), HasSubstr("unknown")));
  data.bos = 0;
  EXPECT_EQ(Tokenizer::create(data)->vocab().bos, 0);
}

TEST(Vocab, WithoutPreTokenizerHasAFinding) {
  VocabData data = three_tokens();
  EXPECT_THAT(Tokenizer::create(data)->findings(), testing::ElementsAre(HasSubstr("1 merges")));
  data.tokens.push_back("ac");
  EXPECT_THAT(Tokenizer::create(data)->findings(), testing::IsEmpty());
  data.pre = "";
  EXPECT_THAT(Tokenizer::create(data)->findings(),
              testing::ElementsAre(HasSubstr("tokenizer.ggml.pre is missing")));
}

TEST(Vocab, RefusesUnknownKinds) {
  VocabData data = three_tokens();
  data.model = "abacus";
  expect_refused(data, "\"abacus\" is not supported");
  data = three_tokens();
  data.pre = "abacus";
  expect_refused(data, "\"abacus\" is not a known pre-tokenizer");
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

TEST(Vocab, RefusesNoMergesAndBrokenOnes) {
  for (const char* model : {"gpt2", "gemma4"}) {
    VocabData data = three_tokens();
    data.model = model;
    data.merges = {};
    expect_refused(data, "tokenizer.ggml.merges is missing");
    for (const char* broken : {"", " ", "a", "a ", " a"}) {
      data.merges = {"a b", broken};
      expect_refused(data, "tokenizer.ggml.merges: element 1 is no pair");
    }
  }
}

TEST(Vocab, MergesOfTextsThatAreNoTokensDoNothing) {
  VocabData data = three_tokens();
  data.merges = {"a zz", "zz a", "a b"};
  const Result<Tokenizer> tokenizer = Tokenizer::create(data);
  ASSERT_TRUE(tokenizer);
  EXPECT_EQ(tokenizer->encode("ab").value(), (std::vector<TokenId>{0, 1}));
  EXPECT_THAT(tokenizer->findings(), testing::ElementsAre(HasSubstr("3 merges")));
}

double cpu_seconds(const std::function<void()>& work) {
  const std::clock_t start = std::clock();
  work();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

constexpr std::size_t k_many = 100'000;

// The 8 bytes to which the standard library's Murmur2, whose seed and steps are public, gives `hash`.
std::string murmur_preimage(std::uint64_t hash) {
  constexpr std::uint64_t mul = 0xc6a4a7935bd1e995, seed = 0xc70f6907;
  std::uint64_t inverse = mul;  // Newton: five steps give 64 bits
  for (int i = 0; i < 5; ++i) inverse *= 2 - mul * inverse;
  const auto unmix = [](std::uint64_t v) { return v ^ (v >> 47); };
  std::uint64_t h = unmix(unmix(hash) * inverse) * inverse;
  const std::uint64_t data = unmix((h ^ seed ^ (8 * mul)) * inverse) * inverse;
  std::string text(8, '\0');
  std::memcpy(text.data(), &data, 8);
  return text;
}

// Sixteen megabytes of such tokens stopped the old index for minutes.
TEST(HashFlooding, OfTokensDoesNotSlowTheIndex) {
  std::vector<std::string> texts;
  for (std::uint64_t i = 0; i < k_many; ++i) texts.push_back(murmur_preimage(i << 32));
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  StringIndex index(k_many);
  EXPECT_LT(cpu_seconds([&] {
              for (std::size_t i = 0; i < k_many; ++i)
                EXPECT_TRUE(index.insert(views, static_cast<TokenId>(i)));
            }),
            1.0);
  EXPECT_EQ(index.find(views, views[77]), 77);
}

// Pairs that a multiplication by the golden ratio, the old hash, sends to one slot.
TEST(HashFlooding, OfMergesDoesNotSlowTheTable) {
  constexpr std::uint64_t golden = 0x9E3779B97F4A7C15u;
  std::uint64_t inverse = golden;
  for (int i = 0; i < 5; ++i) inverse *= 2 - golden * inverse;
  MergeTable table(k_many);
  EXPECT_LT(cpu_seconds([&] {
              std::size_t made = 0;
              for (std::uint64_t i = 0; made < k_many; ++i) {
                const std::uint64_t key = ((i << 44) | (i >> 20)) * inverse;
                const auto left = static_cast<TokenId>(key >> 32),
                           right = static_cast<TokenId>(key);
                if (left < 0 || right < 0) continue;
                table.insert(left, right, {static_cast<std::uint32_t>(made++), 1});
              }
            }),
            1.0);
}

TEST(HashFlooding, NoTwoIndexesHashAlike) {
  EXPECT_NE(KeyedHash()("a"), KeyedHash()("a"));
  const KeyedHash hash;
  EXPECT_EQ(hash("a"), hash("a"));
}

// Control tokens without end, of one text or of nearly one.
TEST(SpecialTokens, CostNoMoreThanTheirBudget) {
  VocabData data = three_tokens();
  std::vector<std::string> texts;
  for (std::size_t i = 1; i < 2000; ++i) texts.push_back(std::string(i, 'a') + 'b');
  for (const std::string& text : texts) data.tokens.push_back(text);
  data.types.assign(data.tokens.size(), 3);
  const auto tokenizer = Tokenizer::create(data);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message();
  const auto ids = tokenizer->encode(std::string(1'000'000, 'a'));
  ASSERT_FALSE(ids);
  EXPECT_EQ(ids.error().code(), ErrorCode::limit);
  EXPECT_THAT(ids.error().message(), HasSubstr("too many steps"));
}

TEST(SpecialTokens, OfOneTextAreOne) {
  VocabData data = three_tokens();
  data.tokens.resize(k_many, "<x>");
  data.types.assign(k_many, 3);
  data.types.back() = 4;  // user-defined: always matched
  const auto tokenizer = Tokenizer::create(data);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message();
  std::string text;
  for (std::size_t i = 0; i < 10'000; ++i) text += "<x>";
  EXPECT_LT(cpu_seconds([&] {
              EXPECT_EQ(tokenizer->encode(text)->front(), 3);
              EXPECT_EQ(tokenizer->encode(text, {.parse_special = false})->front(), k_many - 1);
            }),
            1.0);
}

TEST(Encode, StopsAtItsLimitAndWhenCancelled) {
  const std::uint32_t raised = 1;
  for (const char* model : {"gpt2", "gemma4", "llama"}) {
    VocabData data = three_tokens();
    data.model = model;
    const auto tokenizer = Tokenizer::create(data);
    ASSERT_TRUE(tokenizer) << tokenizer.error().message();
    const std::string text(1000, 'b');
    const std::size_t n = tokenizer->encode(text)->size();
    EXPECT_TRUE(tokenizer->encode(text, {.max_tokens = n}));
    const auto more = tokenizer->encode(text, {.max_tokens = n - 1});
    ASSERT_FALSE(more) << model;
    EXPECT_EQ(more.error().code(), ErrorCode::limit);
    const auto cancelled = tokenizer->encode(text, {.cancel = &raised});
    ASSERT_FALSE(cancelled) << model;
    EXPECT_EQ(cancelled.error().code(), ErrorCode::cancelled);
  }
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
