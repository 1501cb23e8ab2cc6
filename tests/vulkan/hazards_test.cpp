// Where barriers stand: between accesses to the same bytes of which one writes, and nowhere else.
#include "backends/vulkan/hazards.hpp"

#include <gtest/gtest.h>

namespace tenon::vulkan {
namespace {

Access reads(uint64_t memory, uint64_t begin, uint64_t end) { return {memory, begin, end, false}; }
Access writes(uint64_t memory, uint64_t begin, uint64_t end) { return {memory, begin, end, true}; }
bool add(Hazards& hazards, std::vector<Access> accesses) { return hazards.add(accesses); }

TEST(Hazards, ReadersNeedNothing) {
  Hazards h;
  EXPECT_FALSE(add(h, {reads(1, 0, 64), writes(1, 64, 128)}));
  EXPECT_FALSE(add(h, {reads(1, 0, 64), writes(1, 128, 192)}));
}

TEST(Hazards, WhatWasWrittenIsReadAfterABarrier) {
  Hazards h;
  EXPECT_FALSE(add(h, {writes(1, 0, 64)}));
  EXPECT_TRUE(add(h, {reads(1, 63, 64), writes(1, 64, 128)}));
  EXPECT_FALSE(add(h, {reads(1, 0, 64)})) << "one barrier is enough";
  EXPECT_TRUE(add(h, {reads(1, 100, 101)}));
}

TEST(Hazards, WhatWasReadOrWrittenIsWrittenAfterABarrier) {
  Hazards h;
  EXPECT_FALSE(add(h, {reads(1, 0, 64)}));
  EXPECT_TRUE(add(h, {writes(1, 0, 4)})) << "the arena is used again";
  EXPECT_TRUE(add(h, {writes(1, 0, 4)}));
}

TEST(Hazards, BytesSideBySideAndOtherMemoriesDoNotMeet) {
  Hazards h;
  EXPECT_FALSE(add(h, {writes(1, 0, 64)}));
  EXPECT_FALSE(add(h, {writes(1, 64, 128)}));
  EXPECT_FALSE(add(h, {reads(2, 0, 128), writes(3, 0, 128)}));
  EXPECT_TRUE(add(h, {reads(1, 63, 65)}));
}

TEST(Hazards, AnotherBarrierCounts) {
  Hazards h;
  EXPECT_FALSE(add(h, {writes(1, 0, 64)}));
  h.clear();
  EXPECT_FALSE(add(h, {reads(1, 0, 64)}));
}

}  // namespace
}  // namespace tenon::vulkan
