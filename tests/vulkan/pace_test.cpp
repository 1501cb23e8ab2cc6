// Parts of a plan: many at first, then as long as is good.
#include "backends/vulkan/pace.hpp"

#include <gtest/gtest.h>

namespace tenon::vulkan {
namespace {

using Begins = std::vector<uint32_t>;
constexpr uint64_t k_ms = 1'000'000;

// Two executions in which each part takes so long.
bool run(Pace& pace, const std::vector<uint64_t>& ms) {
  for (int times = 0; times < 2; ++times) {
    pace.began();
    for (uint32_t part = 0; part < ms.size(); ++part) pace.took(part, ms[part] * k_ms);
    pace.ended();
  }
  return pace.adapt();
}

TEST(Pace, BeginsWithSmallParts) {
  EXPECT_EQ(Pace().begins(0), Begins{0});
  EXPECT_EQ(Pace().begins(16), Begins{0});
  EXPECT_EQ(Pace().begins(40), (Begins{0, 16, 32}));
}

TEST(Pace, JoinsWhatIsQuickAndHalvesWhatIsSlow) {
  Pace pace;
  pace.begins(64);
  EXPECT_TRUE(run(pace, {10, 10, 10, 120}));
  EXPECT_EQ(pace.begins(64), (Begins{0, 32, 48, 56}));
  EXPECT_TRUE(run(pace, {20, 10, 60, 60}));
  EXPECT_EQ(pace.begins(64), (Begins{0, 32, 48, 52, 56, 60}));
  EXPECT_FALSE(run(pace, {20, 10, 30, 30, 30, 30})) << "good as it is";
}

TEST(Pace, AGroupIsNotHalved) {
  Pace pace;
  pace.begins(1);
  EXPECT_FALSE(run(pace, {1000}));
}

TEST(Pace, ADelayOfTheHostIsNotBelieved) {
  Pace pace;
  pace.begins(32);
  pace.took(0, 5000 * k_ms);
  pace.took(1, 40 * k_ms);
  EXPECT_FALSE(pace.adapt()) << "measured once";
  pace.took(0, 40 * k_ms);
  pace.took(1, 40 * k_ms);
  EXPECT_FALSE(pace.adapt());
  EXPECT_EQ(pace.begins(32), (Begins{0, 16}));
}

TEST(Pace, ChangesNothingThatRuns) {
  Pace pace;
  pace.begins(32);
  pace.began();
  for (int times = 0; times < 2; ++times)
    for (uint32_t part = 0; part < 2; ++part) pace.took(part, k_ms);
  EXPECT_FALSE(pace.adapt());
  pace.ended();
  EXPECT_TRUE(pace.adapt());
  EXPECT_EQ(pace.begins(32), Begins{0});
}

}  // namespace
}  // namespace tenon::vulkan
