// Gaps of a block: taken, given back in any order, grown together.
#include "backends/vulkan/free_list.hpp"

#include <gtest/gtest.h>

namespace tenon::vulkan {
namespace {

TEST(FreeList, TakesTheFirstGapThatFits) {
  FreeList list(1024);
  EXPECT_EQ(list.take(256), 0u);
  EXPECT_EQ(list.take(512), 256u);
  EXPECT_EQ(list.take(512), std::nullopt);
  EXPECT_EQ(list.take(256), 768u);
  EXPECT_EQ(list.take(1), std::nullopt);
}

TEST(FreeList, NeighboursGrowTogetherInAnyOrder) {
  for (const auto& order : {std::array{0, 1, 2, 3}, {3, 2, 1, 0}, {1, 3, 0, 2}, {2, 0, 3, 1}}) {
    FreeList list(1024);
    for (int i = 0; i < 4; ++i) list.take(256);
    for (const int i : order) {
      EXPECT_FALSE(list.all_free());
      list.give_back(static_cast<uint64_t>(i) * 256, 256);
    }
    EXPECT_TRUE(list.all_free());
    EXPECT_EQ(list.take(1024), 0u);
  }
}

TEST(FreeList, AGapThatIsUsedAgainIsTheLowest) {
  FreeList list(1024);
  for (int i = 0; i < 4; ++i) list.take(256);
  list.give_back(256, 256);
  list.give_back(768, 256);
  EXPECT_EQ(list.take(256), 256u);
  EXPECT_EQ(list.take(256), 768u);
}

}  // namespace
}  // namespace tenon::vulkan
