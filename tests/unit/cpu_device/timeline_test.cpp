// Timelines: values only rise, waits end in time, poison stays.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tests/unit/cpu_device/open_device.hpp"

namespace tenon::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

class TimelineTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(api->timeline_create(dev, 5, &timeline), TN_OK); }
  void TearDown() override { api->timeline_destroy(dev, timeline); }
  uint64_t value() {
    uint64_t now = 0;
    EXPECT_EQ(api->timeline_query(dev, timeline, &now), TN_OK);
    return now;
  }

  OpenDevice device;
  const tn_device_api* api = device.api;
  tn_device* dev = device.dev;
  tn_timeline* timeline = nullptr;
};

TEST_F(TimelineTest, StartsAtItsInitialValueAndOnlyRises) {
  EXPECT_EQ(value(), 5u);
  EXPECT_EQ(device.signal(timeline, 7), TN_OK);
  EXPECT_EQ(value(), 7u);
  EXPECT_EQ(device.signal(timeline, 7), TN_ERR_INVALID);
  EXPECT_EQ(device.signal(timeline, 6), TN_ERR_INVALID);
  EXPECT_EQ(value(), 7u);
}

TEST_F(TimelineTest, WaitsForWhatIsThereReturnAtOnce) {
  EXPECT_EQ(api->timeline_wait(dev, timeline, 5, 0), TN_OK);
  EXPECT_EQ(api->timeline_wait(dev, timeline, 3, UINT64_MAX), TN_OK);
  EXPECT_EQ(api->timeline_wait(dev, timeline, 6, 0), TN_ERR_TIMEOUT);
}

TEST_F(TimelineTest, TimeoutsEndInTime) {
  const auto start = steady_clock::now();
  EXPECT_EQ(api->timeline_wait(dev, timeline, 6, 30'000'000), TN_ERR_TIMEOUT);
  const auto took = steady_clock::now() - start;
  EXPECT_GE(took, milliseconds(30));
  EXPECT_LT(took, milliseconds(3000));
}

TEST_F(TimelineTest, ASignalWakesSleepersThatWaitForIt) {
  tn_status results[3] = {TN_ERR_INTERNAL, TN_ERR_INTERNAL, TN_ERR_INTERNAL};
  std::thread waiters[3];
  for (unsigned i = 0; i < 3; ++i) {
    waiters[i] = std::thread(
        [this, i, &results] { results[i] = api->timeline_wait(dev, timeline, 6 + i, UINT64_MAX); });
  }
  for (uint64_t to : {6u, 7u, 8u}) {
    std::this_thread::sleep_for(milliseconds(5));  // long enough to be asleep
    EXPECT_EQ(device.signal(timeline, to), TN_OK);
  }
  for (std::thread& waiter : waiters) waiter.join();
  for (tn_status result : results) EXPECT_EQ(result, TN_OK);
}

// The waiter destroys the timeline as soon as it is released; the sanitizers watch.
TEST_F(TimelineTest, MayBeDestroyedByWhoeverSawTheLastSignal) {
  for (int i = 0; i < 500; ++i) {
    tn_timeline* brief = nullptr;
    ASSERT_EQ(api->timeline_create(dev, 0, &brief), TN_OK);
    std::thread signaller([&] { device.signal(brief, 1); });
    EXPECT_EQ(api->timeline_wait(dev, brief, 1, UINT64_MAX), TN_OK);
    api->timeline_destroy(dev, brief);
    signaller.join();
  }
}

TEST_F(TimelineTest, NullArguments) {
  uint64_t now = 0;
  EXPECT_EQ(api->timeline_create(dev, 0, nullptr), TN_ERR_INVALID);
  EXPECT_EQ(api->timeline_query(dev, nullptr, &now), TN_ERR_INVALID);
  EXPECT_EQ(api->timeline_query(dev, timeline, nullptr), TN_ERR_INVALID);
  EXPECT_EQ(api->timeline_wait(dev, nullptr, 0, 0), TN_ERR_INVALID);
}

}  // namespace
}  // namespace tenon::test
