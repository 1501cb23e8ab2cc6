// SentencePiece BPE and BPE on raw UTF-8, on vocabularies small enough to work out by hand.
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <limits>

#include "framework/base/utf8.hpp"
#include "framework/text/stream/detokenizer.hpp"
#include "framework/text/tokenizer/nfc.hpp"

namespace tenon {
namespace {

using Ids = std::vector<TokenId>;

// Ids: 0 <unk>, 1 <s>, 2 </s>, 3-258 the bytes, then what tests add.
class SpmVocab {
 public:
  explicit SpmVocab(std::string model = "llama", bool bytes = true) {
    data.model = std::move(model);
    add("<unk>", TokenType::unknown);
    add("<s>", TokenType::control);
    add("</s>", TokenType::control);
    data.bos = 1;
    data.eos = 2;
    data.unk = 0;
    for (int byte = 0; bytes && byte < 256; ++byte) {
      char text[7];
      std::snprintf(text, sizeof text, "<0x%02X>", static_cast<unsigned>(byte));
      add(text, TokenType::byte);
    }
  }

  TokenId add(std::string text, TokenType type = TokenType::normal, float score = 0) {
    texts_.push_back(std::move(text));
    data.tokens.push_back(texts_.back());
    data.types.push_back(static_cast<std::int32_t>(type));
    data.scores.push_back(score);
    return static_cast<TokenId>(data.tokens.size() - 1);
  }

  TokenId piece(std::string text, float score = 0) {
    return add(std::move(text), TokenType::normal, score);
  }

  void merge(std::string left_and_right) {
    texts_.push_back(std::move(left_and_right));
    data.merges.push_back(texts_.back());
  }

  Tokenizer make() const { return std::move(Tokenizer::create(data)).value(); }

  VocabData data;

 private:
  std::deque<std::string> texts_;  // a deque: its strings never move
};

Ids plain(const Tokenizer& t, std::string_view text) {
  return t.encode(text, {.add_special = false, .parse_special = false}).value();
}

Ids bytes_of(std::string_view text) {
  Ids ids;
  for (const char c : text) ids.push_back(3 + static_cast<std::uint8_t>(c));
  return ids;
}

TEST(ScoreBpe, BestScoreFirstThenLeftmost) {
  SpmVocab v;
  v.data.add_space_prefix = false;
  const TokenId a = v.piece("a"), c = v.piece("c"), ab = v.piece("ab", -2), bc = v.piece("bc", -1),
                aa = v.piece("aa", -3);
  v.piece("b");
  const Tokenizer t = v.make();
  EXPECT_EQ(plain(t, "abc"), (Ids{a, bc}));
  EXPECT_EQ(plain(t, "aaa"), (Ids{aa, a}));
  EXPECT_EQ(plain(t, "abab"), (Ids{ab, ab}));
  EXPECT_EQ(plain(t, "cab"), (Ids{c, ab}));
}

TEST(ScoreBpe, MergesGrowOutOfCharactersThatAreNoTokens) {
  SpmVocab v;
  v.data.add_space_prefix = false;
  const TokenId xyz = v.piece("xyz", -2);
  v.piece("xy", -1);
  EXPECT_EQ(plain(v.make(), "xyz"), Ids{xyz});
  EXPECT_EQ(plain(v.make(), "x"), bytes_of("x"));
}

TEST(ScoreBpe, BytesWhereThereIsNoToken) {
  SpmVocab v;
  v.data.add_space_prefix = false;
  EXPECT_EQ(plain(v.make(), "\u00E9"), bytes_of("\u00E9"));
  const TokenId e = v.piece("\u00E9");
  EXPECT_EQ(plain(v.make(), "\u00E9"), Ids{e});
  EXPECT_EQ(plain(v.make(), std::string_view("\0", 1)), bytes_of(std::string_view("\0", 1)));
}

TEST(ScoreBpe, OneUnknownTokenPerRunWithoutByteTokens) {
  SpmVocab v("llama", false);
  v.data.add_space_prefix = false;
  const TokenId a = v.piece("a");
  EXPECT_EQ(plain(v.make(), "\u00E9\u00E9a\u00E9"), (Ids{0, a, 0}));
}

TEST(ScoreBpe, TheFirstTextGetsASpaceUnlessTheFileSaysNo) {
  SpmVocab v;
  const TokenId space = v.piece("\u2581"), a = v.piece("a"), space_a = v.piece("\u2581a", -1);
  EXPECT_EQ(plain(v.make(), "a"), Ids{space_a});
  EXPECT_EQ(plain(v.make(), " a"), (Ids{space, space_a}));
  EXPECT_EQ(plain(v.make(), ""), Ids{});
  EXPECT_EQ(v.make().encode("a</s>a").value(), (Ids{1, space_a, 2, space_a}));
  v.data.add_space_prefix = false;
  EXPECT_EQ(plain(v.make(), "a"), Ids{a});
  EXPECT_EQ(plain(v.make(), " a"), Ids{space_a});
}

TEST(ScoreBpe, BosByDefaultAndEosWhereTheFileSaysSo) {
  SpmVocab v;
  const TokenId a = v.piece("\u2581a");
  EXPECT_EQ(v.make().encode("").value(), Ids{1});
  v.piece("a");
  v.piece("\u2581");
  v.data.add_eos = true;
  EXPECT_EQ(v.make().encode("a").value(), (Ids{1, a, 2}));
  v.data.add_bos = v.data.add_eos = false;
  EXPECT_EQ(v.make().encode("a").value(), Ids{a});
}

TEST(ScoreBpe, ExtraSpacesGoWhereTheFileSaysSo) {
  SpmVocab v;
  v.data.add_space_prefix = false;
  const TokenId space = v.piece("\u2581"), a = v.piece("a");
  EXPECT_EQ(plain(v.make(), " a  a "), (Ids{space, a, space, space, a, space}));
  v.data.remove_extra_whitespaces = true;
  EXPECT_EQ(plain(v.make(), " a  a "), (Ids{a, space, a}));
  EXPECT_EQ(plain(v.make(), "   "), Ids{});
}

TEST(ScoreBpe, PlainTextNeverBecomesControlOrByteTokens) {
  SpmVocab v;
  v.data.add_space_prefix = false;
  const TokenId open = v.piece("<s"), close = v.piece(">"), zero = v.piece("<0x00");
  EXPECT_EQ(plain(v.make(), "<s>"), (Ids{open, close}));
  v.piece("<0");
  v.piece("<0x");
  v.piece("<0x0");
  EXPECT_EQ(plain(v.make(), "<0x00>"), (Ids{zero, close}));
}

TEST(ScoreBpe, UserDefinedTokensAreMatchedFirst) {
  SpmVocab v;
  v.data.add_space_prefix = false;
  const TokenId a = v.piece("a"), ab = v.piece("ab", 100);
  const TokenId spaces = v.add("  ", TokenType::user_defined),
                b_c = v.add("bc", TokenType::user_defined);
  const Tokenizer t = v.make();
  EXPECT_EQ(plain(t, "abc"), (Ids{a, b_c}));
  EXPECT_EQ(plain(t, "ab  a"), (Ids{ab, spaces, a}));
  EXPECT_EQ(t.piece(spaces), "  ");
}

TEST(ScoreBpe, ScoresThatAreNoNumbersDoNoHarm) {
  SpmVocab v;
  v.data.add_space_prefix = false;
  v.piece("aa", std::numeric_limits<float>::quiet_NaN());
  v.piece("aaaa", std::numeric_limits<float>::infinity());
  v.piece("a", -std::numeric_limits<float>::infinity());
  EXPECT_EQ(plain(v.make(), std::string(4096, 'a')).size(), 1024u);
}

TEST(ScoreBpe, AMegabyteOfAnythingIsFast) {
  SpmVocab v;
  for (const char* letter : {"a", "\u2581", "\u0301"}) {
    std::string text = letter;
    for (int i = 0; i < 5; ++i, text += text) v.piece(text, static_cast<float>(-i));
  }
  const Tokenizer t = v.make();
  const auto begin = std::chrono::steady_clock::now();
  for (const char* letter : {"a", " ", "\u0301", "b"}) {
    std::string text;
    while (text.size() < 1'000'000) text += letter;
    EXPECT_LE(plain(t, text).size(), 1'000'002u);
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  EXPECT_LT(seconds.count(), 60.0);  // 2 s; hours if it is quadratic
}

TEST(StripRule, Phi3SwallowsWhiteSpaceBehindSpecialTokens) {
  SpmVocab v;
  v.data.add_space_prefix = false;
  const TokenId end = v.add("<|end|>", TokenType::control), a = v.piece("a");
  EXPECT_EQ(v.make().encode("<|end|> \na").value(),
            (Ids{1, end, 3 + 0xE2, 3 + 0x96, 3 + 0x81, 3 + '\n', a}));
  v.data.name = "Phi-3 Mini 4k Instruct";
  EXPECT_EQ(v.make().encode("<|end|> \na").value(), (Ids{1, end, a}));
  EXPECT_EQ(v.make().encode("<|end|> \n").value(), (Ids{1, end}));
  EXPECT_EQ(v.make().encode("<s> a").value(), (Ids{1, 1, 3 + 0xE2, 3 + 0x96, 3 + 0x81, a}));
}

TEST(RawBpe, LowestRankFirstWithinLines) {
  SpmVocab v("gemma4");
  const TokenId a = v.piece("a"), b = v.piece("b"), space = v.piece("\u2581"),
                space_a = v.piece("\u2581a"), ab = v.piece("ab"), lines = v.piece("\n\n"),
                line = v.piece("\n");
  v.merge("a b");
  v.merge("\u2581 a");
  const Tokenizer t = v.make();
  EXPECT_EQ(plain(t, " ab a"), (Ids{space, ab, space_a}));
  EXPECT_EQ(plain(t, "a\n\nb"), (Ids{a, lines, b}));
  EXPECT_EQ(plain(t, "\n\n\n"), (Ids{line, line, line}));
  EXPECT_EQ(plain(t, "\u00E9"), bytes_of("\u00E9"));
  EXPECT_EQ(t.encode("a").value(), (Ids{1, a}));
  EXPECT_EQ(detokenize(t, Ids{space_a, lines, 3 + 0xC3, 3 + 0xA9}), " a\n\n\u00E9");
}

TEST(Detokenizer, TheSpaceBeforeATextGoesAgain) {
  SpmVocab v;
  const TokenId space_a = v.piece("\u2581a"), a = v.piece("a"), spaces = v.piece("\u2581\u2581");
  const Tokenizer t = v.make();
  EXPECT_EQ(detokenize(t, Ids{1, space_a, space_a}), "a a");
  EXPECT_EQ(detokenize(t, Ids{spaces, a}), " a");
  EXPECT_EQ(detokenize(t, Ids{a, space_a}), "a a");
  EXPECT_EQ(detokenize(t, Ids{1, space_a, 2, space_a}, {.control_tokens = true}), "<s>a</s>a");
  EXPECT_EQ(Detokenizer(t).push(space_a), " a");  // goes on in the middle of a text
  v.data.add_space_prefix = false;
  EXPECT_EQ(detokenize(v.make(), Ids{1, space_a, space_a}), " a a");
}

TEST(Detokenizer, ByteTokensWaitForTheirCodePoint) {
  SpmVocab v;
  const TokenId a = v.piece("a");
  const Tokenizer t = v.make();
  Detokenizer d(t);
  EXPECT_EQ(d.push(3 + 0xF0), "");
  EXPECT_EQ(d.push(3 + 0x9F), "");
  EXPECT_EQ(d.push(3 + 0x98), "");
  EXPECT_EQ(d.push(3 + 0x80), "\U0001F600");
  EXPECT_EQ(d.push(3 + 0xF0), "");
  EXPECT_EQ(d.push(a), "\uFFFDa");
  EXPECT_EQ(d.push(3 + 0xC3), "");
  EXPECT_EQ(d.finish(), "\uFFFD");
}

TEST(Nfc, ComposesAndOrders) {
  EXPECT_EQ(to_nfc("plain"), "plain");
  EXPECT_EQ(to_nfc("e\u0301"), "\u00E9");
  EXPECT_EQ(to_nfc("a\u0308\u0323"), "\u1EA1\u0308");
  EXPECT_EQ(to_nfc("\u212B"), "\u00C5");
  EXPECT_EQ(to_nfc("\u1100\u1161\u11A8"), "\uAC01");
  EXPECT_EQ(to_nfc("\u0958"), "\u0915\u093C");  // excluded from composition
  EXPECT_EQ(to_nfc(std::string_view("\u0301\0x", 4)), std::string_view("\u0301\0x", 4));
}

TEST(Nfc, LongRunsOfMarksAreFast) {
  std::string text = "a";
  for (int i = 0; i < 250'000; ++i) text += "\u0301\u0323";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(utf8::length(to_nfc(text)), 500'000u);  // one mark of the run composes
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  EXPECT_LT(seconds.count(), 5.0);  // 0.03 s; minutes if sorted by insertion
}

}  // namespace
}  // namespace tenon
