// Byte-level BPE on a vocabulary small enough to work out by hand.
#include "framework/text/tokenizer/tokenizer.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <thread>

#include "tests/unit/text/tiny_vocab.hpp"

namespace tenon {
namespace {

using Ids = std::vector<TokenId>;

TEST(ByteBpe, LowestRankFirstThenLeftmost) {
  TinyVocab v;
  const TokenId bc = v.merge("b", "c");
  const TokenId ab = v.merge("a", "b");
  const TokenId aa = v.merge("a", "a");
  const Tokenizer t = v.make();
  EXPECT_EQ(t.encode("abc").value(), (Ids{'a', bc}));
  EXPECT_EQ(t.encode("ab").value(), (Ids{ab}));
  EXPECT_EQ(t.encode("aaa").value(), (Ids{aa, 'a'}));
}

TEST(ByteBpe, MergesOfMerges) {
  TinyVocab v;
  const TokenId aa = v.merge("a", "a");
  const TokenId aaaa = v.merge("aa", "aa");
  const Tokenizer t = v.make();
  EXPECT_EQ(t.encode("aaaaaaa").value(), (Ids{aaaa, aa, 'a'}));
}

TEST(ByteBpe, WordsDoNotMergeAcrossTheirBorder) {
  TinyVocab v;
  const TokenId space_b = v.merge("\u0120", "b");
  v.merge("a", "\u0120b");
  EXPECT_EQ(v.make().encode("a b").value(), (Ids{'a', space_b}));
}

TEST(ByteBpe, WholeWordsOnlyWhereTheFamilyWantsThem) {
  for (const bool whole : {false, true}) {
    TinyVocab v(whole ? "llama-bpe" : "gpt-2");
    const TokenId word = v.add("cat", TokenType::normal);
    const TokenId control = v.add("dog", TokenType::control);
    const Tokenizer t = v.make();
    EXPECT_EQ(t.encode("cat", {.parse_special = false}).value(),
              whole ? Ids{word} : bytes_of("cat"));
    EXPECT_EQ(t.encode("dog", {.parse_special = false}).value(), bytes_of("dog"));
    EXPECT_EQ(t.encode("dog").value(), Ids{control});
  }
}

TEST(ByteBpe, BytesWithoutATokenAreDropped) {
  VocabData data;
  data.model = "gpt2";
  data.tokens = {"a"};
  data.merges = {"a b"};
  EXPECT_EQ(Tokenizer::create(data).value().encode("abca").value(), (Ids{0, 0}));
}

TEST(ByteBpe, PiecesAreBytes) {
  TinyVocab v;
  const TokenId space_b = v.merge("\u0120", "b");
  const TokenId odd = v.add("\u4F60", TokenType::normal);  // spells no bytes: stands for itself
  const Tokenizer t = v.make();
  EXPECT_EQ(t.piece(space_b), " b");
  EXPECT_EQ(t.piece(0xC3), "\xC3");
  EXPECT_EQ(t.piece(odd), "\u4F60");
  EXPECT_EQ(t.piece(-1), "");
  EXPECT_EQ(t.piece(1 << 30), "");
}

TEST(ByteBpe, AHundredThousandLettersAreFast) {
  TinyVocab v;
  std::string left = "a";
  for (int i = 0; i < 5; ++i, left += left) v.merge(left, left);
  const Tokenizer t = v.make();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(t.encode(std::string(100'000, 'a')).value().size(), 3125u);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  EXPECT_LT(seconds.count(), 5.0);  // 0.02 s; minutes if it is quadratic
}

TEST(Tokenizer, SpecialTokensLongestFirst) {
  TinyVocab v;
  const TokenId short_one = v.add("<a>", TokenType::control);
  const TokenId long_one = v.add("<a><b>", TokenType::control);
  const Tokenizer t = v.make();
  EXPECT_EQ(t.encode("x<a><b><a>").value(), (Ids{'x', long_one, short_one}));
  EXPECT_EQ(t.encode("<a", {}).value(), bytes_of("<a"));
}

TEST(Tokenizer, ControlTokensAreNotMatchedInPlainRanges) {
  TinyVocab v;
  const TokenId at = v.merge("a", "t");
  const TokenId end = v.add("<end>", TokenType::control);
  const TokenId br = v.add("<br>", TokenType::user_defined);
  const Tokenizer t = v.make();
  const auto encode = [&](std::string_view text, std::vector<TextRange> plain) {
    return t.encode(text, {.plain = plain}).value();
  };
  EXPECT_EQ(encode("<end><end>", {{5, 10}}), (Ids{end, '<', 'e', 'n', 'd', '>'}));
  EXPECT_EQ(encode("<end><end>", {{0, 5}}), (Ids{'<', 'e', 'n', 'd', '>', end}));
  // A token that is half the user's is none; a user-defined one is text anyway.
  for (const TextRange part : {TextRange{0, 1}, TextRange{2, 3}, TextRange{4, 5}})
    EXPECT_EQ(encode("<end>", {part}), bytes_of("<end>"));
  EXPECT_EQ(encode("<br>", {{0, 4}}), Ids{br});
  EXPECT_EQ(encode("at<end>", {{0, 1}, {7, 9}}), (Ids{at, end})) << "words merge over a border";
  // Repaired text has moved: all of it is plain.
  EXPECT_EQ(encode("\xFF<end>", {{0, 1}}).size(), 3u + 5u);
}

TEST(Tokenizer, UserDefinedTokensAreAlwaysMatched) {
  TinyVocab v;
  const TokenId user = v.add("<br>", TokenType::user_defined);
  const TokenId control = v.add("<br><eot>", TokenType::control);
  const Tokenizer t = v.make();
  EXPECT_EQ(t.encode("<br><eot>").value(), Ids{control});
  Ids plain{user};
  for (const TokenId id : bytes_of("<eot>")) plain.push_back(id);
  EXPECT_EQ(t.encode("<br><eot>", {.parse_special = false}).value(), plain);
}

TEST(Tokenizer, AddsBosAndEosWhereTheFileSaysSo) {
  TinyVocab v;
  v.data.bos = 7;
  v.data.eos = 8;
  EXPECT_EQ(v.make().encode("x").value(), Ids{'x'});
  v.data.add_bos = v.data.add_eos = true;
  EXPECT_EQ(v.make().encode("x").value(), (Ids{7, 'x', 8}));
  EXPECT_EQ(v.make().encode("x", {.add_special = false}).value(), Ids{'x'});
  EXPECT_EQ(v.make().encode("x", {.open_end = true}).value(), (Ids{7, 'x'})) << "an answer follows";
  v.data.bos.reset();  // nothing to add
  EXPECT_EQ(v.make().encode("").value(), Ids{8});
}

TEST(Tokenizer, TheFamilySaysWhetherBosIsAdded) {
  TinyVocab v("llama-bpe");
  v.data.bos = 7;
  EXPECT_EQ(v.make().encode("x").value(), (Ids{7, 'x'}));
  v.data.add_bos = false;
  EXPECT_EQ(v.make().encode("x").value(), Ids{'x'});
}

TEST(Tokenizer, BrokenTextIsReadAsReplacementCharacters) {
  const Tokenizer t = TinyVocab().make();
  EXPECT_EQ(t.encode("a\xFFz").value(), bytes_of("a\xEF\xBF\xBDz"));
}

TEST(Tokenizer, RandomBytesSurvive) {
  TinyVocab v;
  v.add("<s>", TokenType::control);
  const Tokenizer t = v.make();
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string text(random() % 40, ' ');
    for (char& c : text) c = static_cast<char>(random() % (i % 2 == 0 ? 256 : 128));
    const Ids ids = t.encode(text, {.parse_special = false}).value();
    std::string back;
    for (const TokenId id : ids) back += t.piece(id);
    if (i % 2 == 1) {
      EXPECT_EQ(back, text);
    }
  }
}

TEST(Tokenizer, ManyThreadsAtOnce) {
  TinyVocab v;
  const TokenId ab = v.merge("a", "b");
  const Tokenizer t = v.make();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int j = 0; j < 200; ++j) EXPECT_EQ(t.encode("ab ab").value(), (Ids{ab, ' ', ab}));
    });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace tenon
