// Validation layer: lifetimes, handles of others, and threads that meet.
#include <thread>

#include "tests/unit/validation/fake_device.hpp"

namespace tenon {
namespace {

TEST_F(ValidationTest, CleanUseIsForwardedAndSilent) {
  tn_buffer* b = buffer();
  tn_timeline* t = timeline();
  tn_queue* q = queue();
  void* address = nullptr;
  EXPECT_EQ(api().buffer_map(dev(), b, 0, 128, TN_MAP_READ, &address), TN_OK);
  const std::uint32_t word = 7;
  const tn_cmd_write write{{sizeof(write), TN_CMD_WRITE}, &word, b, 124, 4};
  const tn_cmd* cmds[] = {&write.head};
  const tn_point signal{t, 1};
  const tn_submit s{sizeof(s), 0, nullptr, &signal, cmds, 0, 1, 1, 0, nullptr, nullptr};
  EXPECT_EQ(api().submit(dev(), q, &s), TN_OK);
  EXPECT_EQ(api().timeline_wait(dev(), t, 1, UINT64_MAX), TN_OK);
  api().queue_close(dev(), q);
  api().timeline_destroy(dev(), t);
  api().buffer_free(dev(), b);
  api().close(dev());
  expect_no_report();
  EXPECT_EQ(validation_.findings(), 0u);
  EXPECT_EQ(fake_.calls, 9);  // everything but queue_open, which the fake does not count
}

TEST_F(ValidationTest, OptionalFunctionsAreThoseOfThePlugin) {
  EXPECT_NE(api().buffer_map, nullptr);
  EXPECT_NE(api().buffer_unmap, nullptr);
}

TEST_F(ValidationTest, UseAfterFree) {
  tn_buffer* b = buffer();
  api().buffer_free(dev(), b);
  void* address = nullptr;
  expect_refused([&] { return api().buffer_map(dev(), b, 0, 1, TN_MAP_READ, &address); },
                 "buffer_map: buffer 1 was freed before");
}

TEST_F(ValidationTest, DoubleFreeReachesThePluginOnce) {
  tn_timeline* t = timeline();
  api().timeline_destroy(dev(), t);
  const int calls = fake_.calls;
  api().timeline_destroy(dev(), t);
  EXPECT_EQ(fake_.calls, calls);
  expect_host_wrong("timeline_destroy: timeline 1 was freed before");
}

TEST_F(ValidationTest, HandlesOfAnotherDevice) {
  Validation other(&host_, validation_.api(), validation_.handle(), "other");
  tn_buffer* theirs = nullptr;
  ASSERT_EQ(other.api().buffer_alloc(other.handle(), 0, 8, 0, &theirs), TN_OK);
  expect_refused([&] { return api().buffer_unmap(dev(), theirs); }, "a buffer not of this device");
}

TEST_F(ValidationTest, HandlesOfAnotherKindAndNull) {
  auto* wrong = reinterpret_cast<tn_buffer*>(timeline());
  expect_refused([&] { return api().buffer_unmap(dev(), wrong); }, "timeline 1 in the place of a");
  expect_refused([&] { return api().buffer_unmap(dev(), nullptr); }, "a buffer that is NULL");
}

TEST_F(ValidationTest, NullWhereAResultGoes) {
  expect_refused([&] { return api().buffer_alloc(dev(), 0, 8, 0, nullptr); }, "out is NULL");
  tn_timeline* t = timeline();
  expect_refused([&] { return api().timeline_query(dev(), t, nullptr); }, "value is NULL");
}

TEST_F(ValidationTest, LeakedHandlesAreCountedAndTheDeviceIsClosedAllTheSame) {
  buffer();
  timeline();
  const int calls = fake_.calls;
  api().close(dev());
  EXPECT_EQ(fake_.calls, calls + 1);
  expect_host_wrong("close: 2 handles were not freed: buffer 1, timeline 2");
}

TEST_F(ValidationTest, UseAfterClose) {
  api().close(dev());
  tn_buffer* b = nullptr;
  expect_refused([&] { return api().buffer_alloc(dev(), 0, 8, 0, &b); }, "was closed before");
  const int calls = fake_.calls;
  api().close(dev());
  EXPECT_EQ(fake_.calls, calls);
  expect_host_wrong("was closed before");
}

TEST_F(ValidationTest, TwoThreadsInFunctionsThatAreSerialPerDevice) {
  tn_weight_report report{};
  report.struct_size = sizeof(report);
  tn_status second = TN_OK;
  fake_.inside = [&] {
    std::thread([&] { second = api().weights_commit(dev(), &report); }).join();
  };
  EXPECT_EQ(api().weights_commit(dev(), &report), TN_OK);
  EXPECT_EQ(second, TN_ERR_INVALID);
  EXPECT_EQ(fake_.calls, 1);
  expect_host_wrong("two threads at once in a function that is serial per device");
  fake_.inside = nullptr;
  EXPECT_EQ(api().weights_commit(dev(), &report), TN_OK) << "one after the other is right";
  expect_no_report();
}

TEST_F(ValidationTest, TwoThreadsInOneQueue) {
  tn_queue* q = queue();
  const tn_submit s{sizeof(s), 0, nullptr, nullptr, nullptr, 0, 0, 0, 0, nullptr, nullptr};
  tn_status second = TN_OK;
  fake_.inside = [&] { std::thread([&] { second = api().submit(dev(), q, &s); }).join(); };
  EXPECT_EQ(api().submit(dev(), q, &s), TN_OK);
  EXPECT_EQ(second, TN_ERR_INVALID);
  expect_host_wrong("two threads at once in queue 1");
}

TEST_F(ValidationTest, TwoQueuesAtOnceAreRight) {
  tn_queue* one = queue();
  tn_queue* other = queue();
  const tn_submit s{sizeof(s), 0, nullptr, nullptr, nullptr, 0, 0, 0, 0, nullptr, nullptr};
  bool inside = false;
  tn_status second = TN_ERR_INTERNAL;
  fake_.inside = [&] {
    if (inside) return;
    inside = true;
    std::thread([&] { second = api().submit(dev(), other, &s); }).join();
  };
  EXPECT_EQ(api().submit(dev(), one, &s), TN_OK);
  EXPECT_EQ(second, TN_OK);
  expect_no_report();
}

}  // namespace
}  // namespace tenon
