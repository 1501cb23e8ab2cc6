// submit: order of waits, commands and signals; failures; what it refuses.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <thread>
#include <vector>

#include "tests/unit/cpu_device/plan_runner.hpp"
#include "tests/unit/cpu_device/test_kernels.hpp"

namespace tenon::test {
namespace {

class QueueTest : public testing::Test {
 protected:
  void SetUp() override {
    a = device.buffer(64);
    b = device.buffer(64);
    ASSERT_EQ(api->timeline_create(dev, 0, &first), TN_OK);
    ASSERT_EQ(api->timeline_create(dev, 0, &second), TN_OK);
  }
  void TearDown() override {
    api->timeline_destroy(dev, first);
    api->timeline_destroy(dev, second);
    api->buffer_free(dev, a);
    api->buffer_free(dev, b);
  }
  tn_cmd_fill fill(tn_buffer* dst, uint64_t offset, uint64_t size, uint32_t pattern) const {
    return {{sizeof(tn_cmd_fill), TN_CMD_FILL}, dst, offset, size, pattern, 0};
  }
  tn_submit wait_and_signal(const tn_point& wait, const tn_point& signal, const tn_cmd* const* cmds,
                            uint32_t n_cmds) const {
    tn_submit work = {};
    work.struct_size = sizeof work;
    work.waits = &wait;
    work.n_waits = 1;
    work.signals = &signal;
    work.n_signals = 1;
    work.cmds = cmds;
    work.n_cmds = n_cmds;
    return work;
  }

  OpenDevice device;
  const tn_device_api* api = device.api;
  tn_device* dev = device.dev;
  tn_buffer *a = nullptr, *b = nullptr;
  tn_timeline *first = nullptr, *second = nullptr;
};

TEST_F(QueueTest, CommandsMoveBytes) {
  std::array<uint32_t, 4> in = {1, 2, 3, 4}, out = {};
  const tn_cmd_write write = {{sizeof write, TN_CMD_WRITE}, in.data(), a, 8, 16};
  const tn_cmd_copy copy = {{sizeof copy, TN_CMD_COPY}, a, 8, b, 0, 16};
  const tn_cmd_fill filled = fill(b, 4, 8, 0xabcdef01);
  const tn_cmd_read read = {{sizeof read, TN_CMD_READ}, b, 0, 16, out.data()};
  const tn_cmd* commands[] = {&write.head, &copy.head, &filled.head, &read.head};
  tn_submit work = {};
  work.struct_size = sizeof work;
  work.cmds = commands;
  work.n_cmds = 4;
  ASSERT_EQ(api->submit(dev, device.queue, &work), TN_OK) << device.host.error();
  EXPECT_EQ(out, (std::array<uint32_t, 4>{1, 0xabcdef01, 0xabcdef01, 4}));
}

// Nothing waits: query alone shows the signal, and with it what READ has filled and WRITE has taken.
TEST_F(QueueTest, HostMemoryIsTheHostsWhenQueryShowsTheSignal) {
  for (uint64_t turn = 1; turn <= 50; ++turn) {
    std::array<uint64_t, 8> in = {}, out = {};
    in.fill(turn);
    tn_status result = TN_ERR_INTERNAL;
    const tn_cmd_write write = {{sizeof write, TN_CMD_WRITE}, in.data(), a, 0, 64};
    const tn_cmd_read read = {{sizeof read, TN_CMD_READ}, b, 0, 64, out.data()};
    const tn_cmd_copy copy = {{sizeof copy, TN_CMD_COPY}, a, 0, b, 0, 64};
    const auto step = [&](uint64_t value, std::initializer_list<const tn_cmd*> commands) {
      const tn_point signal = {first, value};
      tn_submit work = {};
      work.struct_size = sizeof work;
      work.signals = &signal;
      work.n_signals = 1;
      work.cmds = commands.begin();
      work.n_cmds = static_cast<uint32_t>(commands.size());
      work.result = &result;
      EXPECT_EQ(api->submit(dev, device.queue, &work), TN_OK) << device.host.error();
      uint64_t reached = 0;
      while (reached < value) ASSERT_EQ(api->timeline_query(dev, first, &reached), TN_OK);
    };
    step(2 * turn - 1, {&write.head});
    in.fill(0);
    step(2 * turn, {&copy.head, &read.head});
    for (const uint64_t word : out) ASSERT_EQ(word, turn);
    ASSERT_EQ(result, TN_OK);
  }
}

TEST_F(QueueTest, CopiesWithinABufferMayNotOverlap) {
  auto* words = device.map<uint32_t>(a);
  for (uint32_t i = 0; i < 8; ++i) words[i] = i;
  const tn_cmd_copy overlapping = {{sizeof overlapping, TN_CMD_COPY}, a, 0, a, 12, 16};
  EXPECT_EQ(device.submit(overlapping), TN_ERR_INVALID);
  const tn_cmd_copy apart = {{sizeof apart, TN_CMD_COPY}, a, 0, a, 16, 16};
  ASSERT_EQ(device.submit(apart), TN_OK) << device.host.error();
  for (uint32_t i = 0; i < 4; ++i) EXPECT_EQ(words[i + 4], i);
}

TEST_F(QueueTest, OffsetsAndSizesAreMultiplesOfFour) {
  std::array<uint32_t, 4> words = {};
  const auto write = [&](uint64_t offset, uint64_t size) {
    const tn_cmd_write command = {{sizeof command, TN_CMD_WRITE}, words.data(), a, offset, size};
    return device.submit(command);
  };
  EXPECT_EQ(write(4, 8), TN_OK);
  EXPECT_EQ(write(2, 8), TN_ERR_INVALID);
  EXPECT_EQ(write(4, 6), TN_ERR_INVALID);
  EXPECT_EQ(write(4, 0), TN_ERR_INVALID);
}

TEST_F(QueueTest, FlagsThatMustBeUnderstoodAreDeclinedAndHintsAreNot) {
  tn_submit work = {};
  work.struct_size = sizeof work;
  work.flags = 1;
  EXPECT_EQ(api->submit(dev, device.queue, &work), TN_ERR_UNSUPPORTED);
  work.flags = 1u << 16;
  EXPECT_EQ(api->submit(dev, device.queue, &work), TN_OK);
}

TEST_F(QueueTest, WaitsComeFirstAndSignalsLast) {
  auto* word = device.map<uint32_t>(a);
  const tn_cmd_fill filled = fill(a, 0, 4, 9);
  const tn_cmd* commands[] = {&filled.head};
  const tn_point wait = {first, 3}, signal = {second, 1};
  const tn_submit work = wait_and_signal(wait, signal, commands, 1);
  tn_status submitted = TN_ERR_INTERNAL;
  std::thread submitter([&] { submitted = api->submit(dev, device.queue, &work); });
  EXPECT_EQ(api->timeline_wait(dev, second, 1, 20'000'000), TN_ERR_TIMEOUT);
  EXPECT_EQ(*word, 0u) << "worked before its wait was over";
  EXPECT_EQ(device.signal(first, 3), TN_OK);
  EXPECT_EQ(api->timeline_wait(dev, second, 1, UINT64_MAX), TN_OK);
  EXPECT_EQ(*word, 9u);
  submitter.join();
  EXPECT_EQ(submitted, TN_OK);
}

// A kernel that breaks its plan fails the execution:
// its signals are poisoned, and so is what waits for them.
TEST_F(QueueTest, FailuresPoisonWhatFollows) {
  GraphMaker maker(device.host.id("f32"));
  const uint32_t x = maker.tensor(TN_ROLE_INPUT, 512, 1, TN_SYM_ROWS);
  maker.node(bound<Shrinking>(), {x}, {x});
  PlanRunner runner(device, maker);
  const tn_cmd_execute execute = runner.command({0, 1, 0, 0, 0});
  const tn_cmd* commands[] = {&execute.head};
  tn_status result = TN_OK;
  tn_point wait = {first, 0}, signal = {first, 1};
  tn_submit work = wait_and_signal(wait, signal, commands, 1);
  work.result = &result;
  EXPECT_EQ(api->submit(dev, device.queue, &work), TN_OK) << "accepted: timelines tell the rest";
  EXPECT_EQ(result, TN_ERR_INTERNAL);
  uint64_t now = 0;
  EXPECT_EQ(api->timeline_query(dev, first, &now), TN_ERR_INTERNAL);
  EXPECT_EQ(api->timeline_wait(dev, first, 1, UINT64_MAX), TN_ERR_INTERNAL);
  EXPECT_NE(device.host.error().find("node.0"), std::string::npos) << device.host.error();
  EXPECT_EQ(api->timeline_wait(dev, first, 0, 0), TN_ERR_INTERNAL);

  auto* word = device.map<uint32_t>(a);
  const tn_cmd_fill filled = fill(a, 0, 4, 9);
  commands[0] = &filled.head;
  wait = {first, 1};
  signal = {second, 1};
  work = wait_and_signal(wait, signal, commands, 1);
  EXPECT_EQ(api->submit(dev, device.queue, &work), TN_OK);
  EXPECT_EQ(*word, 0u);
  EXPECT_EQ(api->timeline_query(dev, second, &now), TN_ERR_INTERNAL);

  tn_timeline* fresh = nullptr;  // the queue goes on with another timeline
  ASSERT_EQ(api->timeline_create(dev, 0, &fresh), TN_OK);
  signal = {fresh, 1};
  work = wait_and_signal(signal, signal, commands, 1);
  work.n_waits = 0;
  EXPECT_EQ(api->submit(dev, device.queue, &work), TN_OK);
  EXPECT_EQ(api->timeline_wait(dev, fresh, 1, UINT64_MAX), TN_OK);
  EXPECT_EQ(*word, 9u);
  api->timeline_destroy(dev, fresh);
}

TEST_F(QueueTest, CancellationSignalsAndEndsWaits) {
  const tn_cmd_fill filled = fill(a, 0, 4, 9);
  const tn_cmd* commands[] = {&filled.head};
  const tn_point wait = {first, 1}, signal = {second, 1};
  uint32_t cancel = 0;
  tn_status result = TN_OK;
  tn_submit work = wait_and_signal(wait, signal, commands, 1);
  work.cancel = &cancel;
  work.result = &result;
  tn_status submitted = TN_ERR_INTERNAL;
  std::thread submitter([&] { submitted = api->submit(dev, device.queue, &work); });
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  __atomic_store_n(&cancel, 1u, __ATOMIC_RELAXED);
  EXPECT_EQ(api->timeline_wait(dev, second, 1, UINT64_MAX), TN_OK);
  submitter.join();
  EXPECT_EQ(submitted, TN_OK);
  EXPECT_EQ(result, TN_ERR_CANCELLED);
  EXPECT_EQ(*device.map<uint32_t>(a), 0u);
}

TEST_F(QueueTest, RefusedSubmissionsChangeNothing) {
  uint32_t host_memory[16] = {};
  const tn_cmd_fill good = fill(a, 0, 4, 1), unaligned = fill(a, 2, 4, 1),
                    outside = fill(a, 64, 4, 1), wraps = fill(a, UINT64_MAX - 3, 8, 1),
                    nowhere = fill(nullptr, 0, 4, 1);
  const tn_cmd_write no_source = {{sizeof no_source, TN_CMD_WRITE}, nullptr, a, 0, 4};
  const tn_cmd_read no_target = {{sizeof no_target, TN_CMD_READ}, a, 0, 4, nullptr};
  const tn_cmd_read long_read = {{sizeof long_read, TN_CMD_READ}, a, 1, 64, host_memory};
  const tn_cmd_copy long_copy = {{sizeof long_copy, TN_CMD_COPY}, a, 0, b, 32, 33};
  const tn_cmd short_command = {sizeof(tn_cmd), TN_CMD_FILL};
  const tn_cmd* bad[] = {&unaligned.head, &outside.head,   &wraps.head,     &nowhere.head,
                         &no_source.head, &no_target.head, &long_read.head, &long_copy.head,
                         &short_command,  nullptr};
  for (const tn_cmd* command : bad) {
    const tn_cmd* commands[] = {&good.head, command};
    const tn_point wait = {first, 0}, signal = {second, 1};
    const tn_submit work = wait_and_signal(wait, signal, commands, 2);
    EXPECT_EQ(api->submit(dev, device.queue, &work), TN_ERR_INVALID);
    EXPECT_EQ(*device.map<uint32_t>(a), 0u);
  }
  const tn_cmd unknown[] = {{sizeof(tn_cmd), 0}, {sizeof(tn_cmd), 9}};
  for (const tn_cmd& command : unknown) {
    const tn_cmd* commands[] = {&command};
    const tn_point wait = {first, 0}, signal = {second, 1};
    const tn_submit work = wait_and_signal(wait, signal, commands, 1);
    EXPECT_EQ(api->submit(dev, device.queue, &work), TN_ERR_UNSUPPORTED);
  }
  uint64_t now = 99;
  EXPECT_EQ(api->timeline_query(dev, second, &now), TN_OK);
  EXPECT_EQ(now, 0u);
}

TEST_F(QueueTest, PointsAreChecked) {
  const tn_point none = {nullptr, 1}, good = {first, 1}, past = {second, 0};
  EXPECT_EQ(api->submit(dev, device.queue, nullptr), TN_ERR_INVALID);
  tn_submit work = wait_and_signal(none, good, nullptr, 0);
  EXPECT_EQ(api->submit(dev, device.queue, &work), TN_ERR_INVALID);
  work = wait_and_signal(good, none, nullptr, 0);
  EXPECT_EQ(api->submit(dev, device.queue, &work), TN_ERR_INVALID);
  work = wait_and_signal(good, past, nullptr, 0);
  EXPECT_EQ(api->submit(dev, device.queue, &work), TN_ERR_INVALID) << "timelines only rise";
  work = wait_and_signal(past, good, nullptr, 1);
  EXPECT_EQ(api->submit(dev, device.queue, &work), TN_ERR_INVALID);
  work = wait_and_signal(past, good, nullptr, 0);
  EXPECT_EQ(api->submit(dev, device.queue, &work), TN_OK);
}

TEST_F(QueueTest, KindsOfQueues) {
  tn_queue* queue = nullptr;
  EXPECT_EQ(api->queue_open(dev, 7, &queue), TN_ERR_UNSUPPORTED);
  EXPECT_EQ(api->queue_open(dev, TN_QUEUE_COMPUTE, nullptr), TN_ERR_INVALID);
  ASSERT_EQ(api->queue_open(dev, TN_QUEUE_COMPUTE, &queue), TN_OK);
  api->queue_close(dev, queue);
}

// Two queues, two plans, one pool: each execution has the workers for itself.
TEST_F(QueueTest, QueuesTakeTurnsOnTheWorkers) {
  const auto repeat = [&](tn_queue* queue) {
    GraphMaker maker(device.host.id("f32"));
    const uint32_t x = maker.tensor(TN_ROLE_INPUT, 16, 1);
    const uint32_t y = maker.tensor(TN_ROLE_OUTPUT, 16, 1);
    maker.node(bound<SquareSum>(), {x}, {y});
    PlanRunner runner(device, maker);
    std::fill_n(runner.data(), 16, 2.0f);
    const tn_cmd_execute execute = runner.command();
    const tn_cmd* commands[] = {&execute.head};
    tn_submit work = {};
    work.struct_size = sizeof work;
    work.cmds = commands;
    work.n_cmds = 1;
    for (int i = 0; i < 300; ++i) {
      runner.data(maker.offset(y))[15] = 0;
      ASSERT_EQ(api->submit(dev, queue, &work), TN_OK);
      ASSERT_EQ(runner.data(maker.offset(y))[15], 64 + 15);
    }
  };
  tn_queue* other = nullptr;
  ASSERT_EQ(api->queue_open(dev, TN_QUEUE_COMPUTE, &other), TN_OK);
  std::thread thread([&] { repeat(other); });
  repeat(device.queue);
  thread.join();
  api->queue_close(dev, other);
}

}  // namespace
}  // namespace tenon::test
