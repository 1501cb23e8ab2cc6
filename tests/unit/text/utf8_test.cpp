// UTF-8: every boundary of the table of well-formed sequences, and each kind of damage.
#include "framework/base/utf8.hpp"

#include <gtest/gtest.h>

namespace tenon::utf8 {
namespace {

TEST(Utf8, EveryCodePointRoundTrips) {
  for (std::uint32_t cp = 0; cp <= 0x10FFFF; ++cp) {
    std::string text;
    append(text, cp);
    const Decoded d = decode(text);
    const bool surrogate = cp >= 0xD800 && cp <= 0xDFFF;
    ASSERT_EQ(d.state, surrogate ? State::invalid : State::valid) << cp;
    if (surrogate) continue;
    ASSERT_EQ(d.code_point, cp);
    ASSERT_EQ(d.length, text.size());
  }
}

TEST(Utf8, RefusesOverlongTooLargeAndStray) {
  for (const std::string_view bad :
       {"\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5",
        "\xFF", "\x80", "\xBF", "\xE2\x28\xA1"})
    EXPECT_EQ(decode(bad).state, State::invalid) << static_cast<int>(bad[0]);
}

TEST(Utf8, KnowsWhatMayStillBecomeValid) {
  EXPECT_EQ(decode("\xE2\x82").state, State::incomplete);
  EXPECT_EQ(decode("\xF0\x9F\x98").length, 3u);
  EXPECT_EQ(decode("\xE0\x80").state, State::invalid);  // overlong already
}

TEST(Utf8, RepairsByteByByte) {
  EXPECT_EQ(repair("a\xFF"
                   "b"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(repair("\xE2\x82"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(repair("\xC3\xA9"), "\xC3\xA9");
  EXPECT_TRUE(is_valid(repair("\xF0\x9F\x98\xC3\x28\x80")));
}

TEST(Utf8, CountsCodePoints) { EXPECT_EQ(length("a\xC3\xA9\xF0\x9F\x98\x80"), 3u); }

}  // namespace
}  // namespace tenon::utf8
