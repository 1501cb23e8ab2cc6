// Text as tokens come: never half a code point, whatever the split.
#include "framework/text/stream/detokenizer.hpp"

#include <gtest/gtest.h>

#include "framework/base/utf8.hpp"
#include "tests/unit/text/tiny_vocab.hpp"

namespace tenon {
namespace {

TEST(Detokenizer, HoldsBackPartsOfACodePoint) {
  const Tokenizer t = TinyVocab().make();
  Detokenizer d(t);
  EXPECT_EQ(d.push('a'), "a");
  EXPECT_EQ(d.push(0xF0), "");
  EXPECT_EQ(d.push(0x9F), "");
  EXPECT_EQ(d.push(0x98), "");
  EXPECT_EQ(d.push(0x80), "\U0001F600");
  EXPECT_EQ(d.finish(), "");
}

TEST(Detokenizer, EndsABrokenTextWithOneReplacement) {
  const Tokenizer t = TinyVocab().make();
  Detokenizer d(t);
  EXPECT_EQ(d.push(0xF0), "");
  EXPECT_EQ(d.push(0x9F), "");
  EXPECT_EQ(d.finish(), utf8::k_replacement);
  EXPECT_EQ(d.finish(), "");
}

TEST(Detokenizer, BrokenBytesInTheMiddleAreReplaced) {
  const Tokenizer t = TinyVocab().make();
  EXPECT_EQ(detokenize(t, bytes_of("a\xE2\x82z\xFF")), "a\uFFFDz\uFFFD");
}

TEST(Detokenizer, EverySplitGivesTheSameText) {
  const std::string text = "e\u0301 \u4F60\u597D \U0001F468\u200D\U0001F469\u200D\U0001F467 \u00FC";
  const Tokenizer t = TinyVocab().make();
  Detokenizer d(t);
  std::string out;
  for (const TokenId id : bytes_of(text)) {
    const std::string piece = d.push(id);
    EXPECT_TRUE(utf8::is_valid(piece));
    out += piece;
  }
  EXPECT_EQ(out, text);
}

TEST(Detokenizer, ControlTokensAreSilentUnlessAsked) {
  TinyVocab v;
  const TokenId end = v.add("<end>", TokenType::control);
  const TokenId user = v.add("<br>", TokenType::user_defined);
  const Tokenizer t = v.make();
  const std::vector<TokenId> ids{'a', end, user};
  EXPECT_EQ(detokenize(t, ids), "a<br>");
  EXPECT_EQ(detokenize(t, ids, {.control_tokens = true}), "a<end><br>");
}

}  // namespace
}  // namespace tenon
