// The committed lists: what their lines mean, and that those of the tree can be read.
#include "expectations.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace tenon::conformance {
namespace {

std::vector<Expectation> read(const std::string& text, std::string& wrong) {
  const std::string path = testing::TempDir() + "expectations.txt";
  std::ofstream(path) << text;
  return read_expectations(path, wrong);
}

TEST(Expectations, AreRefusalsAndFailuresWithReasons) {
  std::string wrong;
  const auto all =
      read("# a comment\n\ndeclines tn.add/1: too wide: 5\nfails Packs/A.B/*: it is slow\n", wrong);
  EXPECT_EQ(wrong, "");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_FALSE(all[0].fails);
  EXPECT_EQ(all[0].what, "tn.add/1: too wide: 5");
  EXPECT_TRUE(all[1].fails);
  EXPECT_EQ(all[1].what, "Packs/A.B/*");
  EXPECT_EQ(all[1].why, "it is slow");
}

TEST(Expectations, MatchByNameOrByItsBeginning) {
  const Expectation whole{true, "A.B", ""}, beginning{true, "A.*", ""};
  EXPECT_TRUE(whole.matches("A.B"));
  EXPECT_FALSE(whole.matches("A.BC"));
  EXPECT_TRUE(beginning.matches("A.BC"));
  EXPECT_FALSE(beginning.matches("B.A."));
}

TEST(Expectations, WithoutAReasonAreWrong) {
  for (const char* line : {"fails A.B", "fails A.B: ", "declines tn.add/1", "skips A.B: why"}) {
    std::string wrong;
    read(line, wrong);
    EXPECT_EQ(wrong, line);
  }
}

TEST(Expectations, OfThisTreeCanBeRead) {
  int n = 0;
  for (const auto& entry : std::filesystem::directory_iterator(TENON_EXPECTATIONS_DIR)) {
    std::string wrong;
    read_expectations(entry.path(), wrong);
    EXPECT_EQ(wrong, "") << entry.path();
    ++n;
  }
  EXPECT_GE(n, 2);
}

}  // namespace
}  // namespace tenon::conformance
