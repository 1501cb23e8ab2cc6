// Which dispatches run together: those that are ready together, and never two that meet.
#include "backends/vulkan/groups.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace tenon::vulkan {
namespace {

Access reads(uint64_t memory, uint64_t begin, uint64_t end) { return {memory, begin, end, false}; }
Access writes(uint64_t memory, uint64_t begin, uint64_t end) { return {memory, begin, end, true}; }

using Dispatches = std::vector<std::vector<Access>>;

TEST(Groups, WhatIsReadyTogetherRunsTogether) {
  const Dispatches qkv_then_gate_up = {
      {writes(1, 0, 64)},                      // x
      {reads(1, 0, 64), writes(1, 64, 128)},   // q
      {reads(1, 0, 64), writes(1, 128, 192)},  // k
      {reads(1, 64, 192), writes(2, 0, 64)},   // attention
      {reads(1, 0, 64), writes(1, 192, 256)},  // v, which was ready with q and k
  };
  EXPECT_EQ(group(qkv_then_gate_up), (Groups{{0}, {1, 2, 4}, {3}}));
}

TEST(Groups, MemoryThatIsUsedAgainWaits) {
  EXPECT_EQ(group(Dispatches{{reads(1, 0, 64)}, {writes(1, 32, 40)}, {reads(1, 0, 32)}}),
            (Groups{{0, 2}, {1}}));
  EXPECT_EQ(group(Dispatches{{writes(1, 0, 64)}, {writes(1, 0, 4)}, {writes(1, 4, 8)}}),
            (Groups{{0}, {1, 2}}));
  EXPECT_EQ(group(Dispatches{{reads(1, 0, 64), writes(1, 0, 64)}, {reads(1, 0, 4)}}),
            (Groups{{0}, {1}}));
}

TEST(Groups, NothingMeetsNothing) {
  EXPECT_EQ(group({}), Groups{});
  EXPECT_EQ(group(Dispatches{{}, {writes(1, 0, 64)}, {writes(2, 0, 64)}, {writes(1, 64, 65)}}),
            (Groups{{0, 1, 2, 3}}));
}

// Whatever the accesses are: all dispatches once, no two of a group meet, and what meets stays in order.
TEST(Groups, AnyAccessesAreOrdered) {
  std::mt19937 any(7);
  const auto below = [&](uint32_t n) { return static_cast<uint32_t>(any()) % n; };
  for (int round = 0; round < 300; ++round) {
    Dispatches all(30);
    for (auto& accesses : all)
      for (uint32_t i = 0; i < 3; ++i) {
        const uint64_t begin = below(12);
        accesses.push_back({below(2), begin, begin + 1 + below(4), below(3) == 0});
      }
    std::vector<size_t> place(all.size(), SIZE_MAX);
    const Groups groups = group(all);
    for (size_t g = 0; g < groups.size(); ++g)
      for (const uint32_t i : groups[g]) {
        EXPECT_EQ(place[i], SIZE_MAX);
        place[i] = g;
      }
    for (size_t i = 0; i < all.size(); ++i)
      for (size_t j = 0; j < i; ++j) {
        Hazards hazards;
        hazards.add(all[j]);
        const bool must_wait = hazards.add(all[i]);
        ASSERT_TRUE(!must_wait || place[j] < place[i]) << j << " before " << i;
      }
    EXPECT_EQ(std::ranges::count(place, SIZE_MAX), 0);
  }
}

}  // namespace
}  // namespace tenon::vulkan
