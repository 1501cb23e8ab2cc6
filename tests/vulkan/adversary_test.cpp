// What the two variables ask for, and how it is told.
#include "backends/vulkan/adversary.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace tenon::vulkan {
namespace {

const Groups k_planned = {{0, 1, 2}, {3}, {4, 5, 6, 7}};

Groups arranged(const char* order, const char* drop = "") {
  Groups groups = k_planned;
  Adversary(order, drop).arrange(groups);
  return groups;
}

TEST(Adversary, ChangesNothingUnasked) {
  for (const char* order : {"", "revers", ":1", "reverse:9"}) EXPECT_EQ(arranged(order), k_planned);
  EXPECT_FALSE(Adversary("", "").active());
  EXPECT_FALSE(Adversary("backwards", "0").active());
}

TEST(Adversary, ReversesGroups) {
  EXPECT_EQ(arranged("reverse"), (Groups{{2, 1, 0}, {3}, {7, 6, 5, 4}}));
  EXPECT_EQ(arranged("reverse:2"), (Groups{{0, 1, 2}, {3}, {7, 6, 5, 4}}));
  EXPECT_EQ(arranged("reverse:0-1"), (Groups{{2, 1, 0}, {3}, {4, 5, 6, 7}}));
}

TEST(Adversary, ShufflesTheSameEveryTime) {
  const Groups once = arranged("shuffle");
  EXPECT_NE(once, k_planned);
  EXPECT_EQ(arranged("shuffle"), once);
  for (size_t g = 0; g < once.size(); ++g)
    EXPECT_TRUE(std::ranges::is_permutation(once[g], k_planned[g]));
}

TEST(Adversary, ForgetsABarrier) {
  EXPECT_EQ(arranged("", "2"), (Groups{{0, 1, 2}, {3, 4, 5, 6, 7}}));
  EXPECT_EQ(arranged("reverse", "1"), (Groups{{3, 2, 1, 0}, {7, 6, 5, 4}}));
  EXPECT_EQ(arranged("", "3"), k_planned) << "there is none";
}

TEST(Adversary, NamesTheGroups) {
  const std::vector<std::string> names = {"a", "b", "c", "d", "e", "f", "g", "h"};
  EXPECT_EQ(Adversary("reverse:1", "").describe(k_planned, names), "group 1 of 3: d");
  Groups groups = k_planned;
  const Adversary both("reverse:1", "1");
  both.arrange(groups);
  EXPECT_EQ(both.describe(groups, names),
            "group 0 of 2, which lost a barrier: a b c d\ngroup 1 of 2: h g f e");
  EXPECT_EQ(Adversary("", "").describe(k_planned, names), "");
}

}  // namespace
}  // namespace tenon::vulkan
