// Stop strings: found across any cuts, never shown, nothing else held back for long.
#include "framework/text/stream/stop_matcher.hpp"

#include <gtest/gtest.h>

namespace tenon {
namespace {

// The text shown when `text` comes in pieces of `step` bytes.
std::string shown(const std::vector<std::string>& stops, std::string_view text, std::size_t step,
                  bool& stopped) {
  StopMatcher matcher(stops);
  std::string out;
  stopped = false;
  for (std::size_t at = 0; at < text.size() && !stopped; at += step) {
    const StopMatcher::Output o = matcher.push(text.substr(at, step));
    out += o.text;
    stopped = o.stopped;
  }
  return stopped ? out : out + matcher.finish();
}

struct Case {
  std::vector<std::string> stops;
  std::string text, shown;
  bool stopped;
};

TEST(StopMatcher, AnyCutGivesTheSameAnswer) {
  const Case cases[] = {
      {{"END"}, "one END two", "one ", true},
      {{"END"}, "one EN two", "one EN two", false},
      {{"aab"}, "aaab", "a", true},
      {{"abab"}, "aababx", "a", true},
      {{"abc", "b"}, "xabc", "xa", true},  // "b" is complete first
      {{"bc", "abc"}, "xabc", "x", true},  // complete together: the longer one
      {{"\n\n"}, "a\nb\n\nc", "a\nb", true},
      {{"\u00E9"}, "\u00E8\u00E9", "\u00E8", true},
      {{""}, "abc", "abc", false},
      {{}, "abc", "abc", false},
      {{"stop"}, "stop", "", true},
      {{"stop"}, "sto", "sto", false},
  };
  for (const Case& c : cases)
    for (std::size_t step = 1; step <= c.text.size(); ++step) {
      bool stopped = false;
      EXPECT_EQ(shown(c.stops, c.text, step, stopped), c.shown) << c.text << ' ' << step;
      EXPECT_EQ(stopped, c.stopped) << c.text << ' ' << step;
    }
}

TEST(StopMatcher, HoldsBackOnlyWhatMayBecomeAStop) {
  StopMatcher matcher({"abcd"});
  EXPECT_EQ(matcher.push("xab").text, "x");
  EXPECT_EQ(matcher.push("c").text, "");
  EXPECT_EQ(matcher.push("a").text, "abc");
  EXPECT_EQ(matcher.finish(), "a");
}

}  // namespace
}  // namespace tenon
