// Validation layer: answers of a plugin that breaks the contract.
#include "tests/unit/validation/fake_device.hpp"

namespace tenon {
namespace {

TEST_F(ValidationTest, AnUnknownStatusIsAnInternalError) {
  fake_.status = 4711;
  tn_buffer* b = nullptr;
  EXPECT_EQ(api().buffer_alloc(dev(), 0, 8, 0, &b), TN_ERR_INTERNAL);
  expect_plugin_wrong("buffer_alloc: an unknown status, 4711");
  fake_.status = -1;
  EXPECT_EQ(api().buffer_alloc(dev(), 0, 8, 0, &b), TN_ERR_INTERNAL);
  expect_plugin_wrong("an unknown status, -1");
}

TEST_F(ValidationTest, KnownFailuresArePassedOnSilently) {
  fake_.status = TN_ERR_OOM;
  tn_buffer* b = nullptr;
  EXPECT_EQ(api().buffer_alloc(dev(), 0, 8, 0, &b), TN_ERR_OOM);
  EXPECT_EQ(b, nullptr);
  expect_no_report();
}

TEST_F(ValidationTest, NullHandlesWithOk) {
  fake_.null_handles = true;
  tn_timeline* t = nullptr;
  EXPECT_EQ(api().timeline_create(dev(), 0, &t), TN_ERR_INTERNAL);
  expect_plugin_wrong("timeline_create: TN_OK, but the timeline is NULL");
  fake_.null_handles = false;
  tn_buffer* b = buffer();
  fake_.null_handles = true;
  void* address = nullptr;
  EXPECT_EQ(api().buffer_map(dev(), b, 0, 8, TN_MAP_READ, &address), TN_ERR_INTERNAL);
  expect_plugin_wrong("buffer_map of buffer 1: TN_OK, but the address is NULL");
}

TEST_F(ValidationTest, TimelinesThatGoBack) {
  tn_timeline* t = timeline();
  ASSERT_EQ(signal(t, 9), TN_OK);
  std::uint64_t value = 0;
  fake_.value = 9;
  EXPECT_EQ(api().timeline_query(dev(), t, &value), TN_OK);
  expect_no_report();
  fake_.value = 8;
  EXPECT_EQ(api().timeline_query(dev(), t, &value), TN_OK);
  expect_plugin_wrong("timeline_query of timeline 1: the value went back from 9 to 8");
}

TEST_F(ValidationTest, TimelinesThatFallBehindAWaitOrRunAhead) {
  tn_timeline* t = timeline();
  std::uint64_t value = 0;
  fake_.value = 1;
  EXPECT_EQ(api().timeline_query(dev(), t, &value), TN_OK);
  expect_plugin_wrong("value 1, but the last one to be signalled is 0");
  ASSERT_EQ(signal(t, 3), TN_OK);
  ASSERT_EQ(api().timeline_wait(dev(), t, 3, UINT64_MAX), TN_OK);
  fake_.value = 2;
  EXPECT_EQ(api().timeline_query(dev(), t, &value), TN_OK);
  expect_plugin_wrong("went back from 3 to 2");
}

TEST_F(ValidationTest, WaitsForEverThatTimeOut) {
  tn_timeline* t = timeline();
  fake_.status = TN_ERR_TIMEOUT;
  EXPECT_EQ(api().timeline_wait(dev(), t, 1, 1000), TN_ERR_TIMEOUT);
  expect_no_report();
  EXPECT_EQ(api().timeline_wait(dev(), t, 1, UINT64_MAX), TN_ERR_TIMEOUT);
  expect_plugin_wrong("a timeout of a wait without one");
}

TEST_F(ValidationTest, ALostDeviceStaysLost) {
  tn_timeline* t = timeline();
  fake_.status = TN_ERR_DEVICE_LOST;
  EXPECT_EQ(api().timeline_wait(dev(), t, 0, 0), TN_ERR_DEVICE_LOST);
  EXPECT_EQ(api().timeline_wait(dev(), t, 0, 0), TN_ERR_DEVICE_LOST);
  expect_no_report();
  fake_.status = TN_OK;
  EXPECT_EQ(api().timeline_wait(dev(), t, 0, 0), TN_OK);
  expect_plugin_wrong("status 0 of a device that was lost");
}

TEST_F(ValidationTest, FailuresOfWaitAndQueryAreExplained) {
  tn_timeline* t = timeline();
  std::uint64_t value = 0;
  fake_.status = TN_ERR_IO;
  EXPECT_EQ(api().timeline_wait(dev(), t, 0, 0), TN_ERR_IO);
  EXPECT_EQ(api().timeline_query(dev(), t, &value), TN_ERR_IO);
  expect_no_report();
  EXPECT_EQ(fake_.error, "broken") << "the host still has the text";
  fake_.says = "";
  EXPECT_EQ(api().timeline_wait(dev(), t, 0, 0), TN_ERR_IO);
  expect_plugin_wrong("timeline_wait of timeline 1: status 5 without an error text");
  fake_.error = "of a call before";
  EXPECT_EQ(api().timeline_query(dev(), t, &value), TN_ERR_IO);
  expect_plugin_wrong("timeline_query of timeline 1: status 5 without an error text");
}

TEST_F(ValidationTest, UnknownVerdicts) {
  const tn_node node{sizeof(node), 0, 1, 0, nullptr, nullptr, 0, 0, 0, nullptr, nullptr, "n"};
  const tn_node_query query{sizeof(query), 0, &host_, &node, nullptr, 0, 0};
  tn_support support{};
  support.struct_size = sizeof(support);
  EXPECT_EQ(api().supports(dev(), &query, &support), TN_OK);
  expect_no_report();
  fake_.verdict = 3;
  EXPECT_EQ(api().supports(dev(), &query, &support), TN_OK);
  expect_plugin_wrong("an unknown verdict, 3");
}

}  // namespace
}  // namespace tenon
