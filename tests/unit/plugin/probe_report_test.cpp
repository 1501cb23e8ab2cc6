// The report of tenon-probe: the last step and the verdict, from whatever came through the pipe.
#include "framework/plugin/probe_report.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tenon {
namespace {

TEST(ProbeReport, RoundTrip) {
  const auto ok = read_report(step_line("while loading") + step_line("in init") + verdict_line(""));
  EXPECT_EQ(ok.last_step, "in init");
  EXPECT_EQ(ok.verdict.value(), "");
  const auto refused = read_report(verdict_line("a \"reason\"\nof two lines \xff"));
  EXPECT_EQ(refused.verdict.value(), "a \"reason\" of two lines \xEF\xBF\xBD");
}

TEST(ProbeReport, CutShortHasNoVerdict) {
  const std::string whole = step_line("in init") + verdict_line("");
  for (std::size_t n = 0; n < whole.size(); ++n) {
    EXPECT_FALSE(read_report(std::string_view(whole).substr(0, n)).verdict) << n;
  }
  EXPECT_EQ(read_report("").last_step, "while starting");
}

TEST(ProbeReport, GarbageIsIgnored) {
  const auto report = read_report("\n[]\nnull\n{\"step\":7}\n{\"step\":\"x\\u001b[2J\"}\n{{{\n");
  EXPECT_EQ(report.last_step, "x [2J");
  EXPECT_FALSE(report.verdict);
  EXPECT_EQ(read_report(verdict_line(std::string(9999, 'x'))).verdict->size(), 512u);
}

}  // namespace
}  // namespace tenon
