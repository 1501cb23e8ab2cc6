// Devices, handles, buffers and queues over a fake table: who is freed, and what errors say.
#include "framework/device/device.hpp"

#include <gmock/gmock.h>

#include "tests/unit/graph/fake_device.hpp"

namespace tenon {
namespace {

using graph_test::FakeDevice;
using testing::HasSubstr;

class Devices : public testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(fake.live, 0) << "a handle was not freed"; }
  HostTable host;
  FakeDevice fake{host, "fake", "", true};
};

// Two devices; the second lacks its strings.
tn_status enumerate_two(tn_backend*, tn_device_info* first, std::uint32_t stride, std::uint32_t cap,
                        std::uint32_t* n) {
  *n = 2;
  for (std::uint32_t i = 0; i < std::min(cap, 2u); ++i) {
    auto* info =
        reinterpret_cast<tn_device_info*>(reinterpret_cast<std::byte*>(first) + i * stride);
    if (info->struct_size < sizeof(tn_device_info)) return TN_ERR_INVALID;
    info->name = i == 0 ? "big one" : nullptr;
    info->slots = i == 0 ? "fake/1" : nullptr;
    info->unusable = i == 1 ? "no driver" : nullptr;
    info->identity = i == 0 ? "pci:0000:01:00.0" : "pci:0,all=cpu";
    info->units = 8 * (i + 1);
    info->flags = TN_DEVICE_HOST_MEMORY;
  }
  return TN_OK;
}

TEST_F(Devices, AreEnumeratedInTwoCalls) {
  fake.factory().enumerate = enumerate_two;
  const auto infos = enumerate_devices(host, fake.factory());
  ASSERT_TRUE(infos) << infos.error().message();
  ASSERT_EQ(infos->size(), 2u);
  EXPECT_EQ((*infos)[0].backend, "fake");
  EXPECT_EQ((*infos)[0].name, "big one");
  EXPECT_EQ((*infos)[0].slots, std::vector<std::string>{"fake/1"});
  EXPECT_EQ((*infos)[0].index, 0u);
  EXPECT_EQ((*infos)[0].identity, "pci:0000:01:00.0");
  EXPECT_EQ((*infos)[1].identity, "") << "nobody could type it";
  EXPECT_EQ((*infos)[1].index, 1u);
  EXPECT_EQ((*infos)[1].name, "");
  EXPECT_EQ((*infos)[1].unusable, "no driver");
  EXPECT_EQ((*infos)[1].units, 16u);
}

TEST_F(Devices, HaveAllTheSlotsThatTheyName) {
  fake.factory().enumerate = [](tn_backend* b, tn_device_info* first, std::uint32_t stride,
                                std::uint32_t cap, std::uint32_t* n) -> tn_status {
    const tn_status status = enumerate_two(b, first, stride, cap, n);
    if (cap > 0) first->slots = "a/2  a/1 b/1";
    return status;
  };
  const auto infos = enumerate_devices(host, fake.factory());
  ASSERT_TRUE(infos);
  const DeviceInfo& info = infos->front();
  EXPECT_THAT(info.slots, testing::ElementsAre("a/2", "a/1", "b/1"));
  for (const char* slot : {"a/2", "a/1", "b/1"}) EXPECT_TRUE(info.has_slot(slot)) << slot;
  for (const char* slot : {"a", "b/2", "a/2 a/1", ""}) EXPECT_FALSE(info.has_slot(slot)) << slot;
}

// More devices than there were a moment ago: only what fits is listed.
TEST_F(Devices, ThatAppearBetweenTheCallsAreNotListed) {
  fake.factory().enumerate = [](tn_backend* h, tn_device_info* first, std::uint32_t stride,
                                std::uint32_t cap, std::uint32_t* n) -> tn_status {
    const tn_status status = enumerate_two(h, first, stride, cap, n);
    *n = cap == 0 ? 1 : 5;
    return status;
  };
  const auto infos = enumerate_devices(host, fake.factory());
  ASSERT_TRUE(infos);
  EXPECT_EQ(infos->size(), 1u);
}

TEST_F(Devices, EnumerationErrorsNameTheBackend) {
  fake.factory().enumerate = [](tn_backend* b, tn_device_info*, std::uint32_t, std::uint32_t,
                                std::uint32_t*) -> tn_status {
    const auto* h = reinterpret_cast<const tn_host*>(b);  // what the fake gives out
    h->set_error(h->ctx, TN_ERR_NOT_FOUND, "", 0, "no driver");
    return TN_ERR_NOT_FOUND;
  };
  const auto infos = enumerate_devices(host, fake.factory());
  ASSERT_FALSE(infos);
  EXPECT_EQ(infos.error().message(), "fake: no driver");
  EXPECT_EQ(infos.error().code(), ErrorCode::unavailable);
}

TEST_F(Devices, TheLastCopyCloses) {
  {
    auto device = fake.open();
    ASSERT_TRUE(device);
    const Device copy = *device;
    device = tl::unexpected(Error(ErrorCode::failed, ""));
    EXPECT_EQ(fake.live, 1);
    EXPECT_TRUE(copy.host_memory());
    EXPECT_EQ(copy.info().backend, "fake");
    EXPECT_TRUE(copy.check(TN_OK, "nothing"));
    EXPECT_EQ(copy.check(TN_ERR_OOM, "a big thing").error().message(),
              "fake: a big thing: out of memory");
  }
  EXPECT_EQ(fake.live, 0);
}

TEST_F(Devices, OpenMayFailOrLie) {
  fake.factory().open = [](tn_backend*, std::uint32_t, const tn_open_opts*,
                           tn_device**) -> tn_status { return TN_ERR_OOM; };
  const auto failed = fake.open();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), ErrorCode::limit);
  EXPECT_THAT(failed.error().message(), HasSubstr("fake: the device does not open"));
  fake.factory().open = [](tn_backend*, std::uint32_t, const tn_open_opts*,
                           tn_device**) -> tn_status { return TN_OK; };
  EXPECT_FALSE(fake.open()) << "no handle came out";
}

TEST_F(Devices, BuffersAreMappedOnlyWhereTheyAreHostMemory) {
  const auto device = fake.open();
  const auto buffer = allocate(*device, 256, TN_USAGE_ACTIVATIONS);
  ASSERT_TRUE(buffer);
  EXPECT_EQ(buffer->size, 256u);
  EXPECT_NE(buffer->mapped, nullptr);
  const auto empty = allocate(*device, 0, TN_USAGE_ACTIVATIONS);
  ASSERT_TRUE(empty);
  EXPECT_EQ(empty->size, 64u);

  FakeDevice far(host, "far", "", false);
  {
    const auto there = far.open();
    const auto remote = allocate(*there, 256, TN_USAGE_ACTIVATIONS);
    ASSERT_TRUE(remote);
    EXPECT_EQ(remote->mapped, nullptr);
  }
  EXPECT_EQ(far.live, 0);
}

TEST_F(Devices, AllocationsMayFailOrLie) {
  const auto device = fake.open();
  fake.api().buffer_map = nullptr;
  const auto unmapped = allocate(*device, 256, 0);
  ASSERT_FALSE(unmapped) << "host memory that the host cannot reach";
  EXPECT_EQ(fake.live, 1) << "the buffer was freed again";
  fake.api().buffer_alloc = [](tn_device*, std::uint32_t, std::uint64_t, std::uint32_t,
                               tn_buffer**) -> tn_status { return TN_ERR_OOM; };
  const auto none = allocate(*device, 256, 0);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), ErrorCode::limit);
  EXPECT_THAT(none.error().message(), HasSubstr("cannot allocate 256 bytes"));
  fake.api().buffer_alloc = [](tn_device*, std::uint32_t, std::uint64_t, std::uint32_t,
                               tn_buffer**) -> tn_status { return TN_OK; };
  EXPECT_FALSE(allocate(*device, 256, 0));
}

TEST_F(Devices, HandlesOutliveTheDeviceThatMadeThem) {
  OwnedBuffer kept;
  {
    const auto device = fake.open();
    kept = std::move(allocate(*device, 64, 0)->handle);
  }
  EXPECT_EQ(fake.live, 2) << "the buffer and its device";
  OwnedBuffer moved(std::move(kept));
  EXPECT_FALSE(kept);
  EXPECT_TRUE(moved);
}

TEST_F(Devices, QueuesSubmitAndWait) {
  auto queue = DeviceQueue::open(*fake.open());
  ASSERT_TRUE(queue);
  const auto buffer = allocate(*fake.open(), 64, 0);
  const std::array<std::int32_t, 2> data = {7, 8};
  std::array<std::int32_t, 2> back = {};
  const tn_cmd_write write{{sizeof(write), TN_CMD_WRITE}, data.data(), buffer->handle.get(), 8, 8};
  const tn_cmd_read read{{sizeof(read), TN_CMD_READ}, buffer->handle.get(), 8, 8, back.data()};
  const std::array<const tn_cmd*, 2> cmds = {&write.head, &read.head};
  ASSERT_TRUE(queue->submit(cmds, nullptr));
  ASSERT_TRUE(queue->wait());
  EXPECT_EQ(back, data);
  ASSERT_TRUE(queue->submit(cmds, nullptr));
  ASSERT_TRUE(queue->wait());
  EXPECT_EQ(fake.timeline, 2u);
}

TEST_F(Devices, ARefusedSubmissionIsNotWaitedFor) {
  auto queue = DeviceQueue::open(*fake.open());
  fake.next_submit = TN_ERR_INVALID;
  EXPECT_FALSE(queue->submit({}, nullptr));
  EXPECT_TRUE(queue->wait()) << "nothing is under way";
  fake.next_submit = TN_OK;
  fake.next_result = TN_ERR_CANCELLED;
  EXPECT_TRUE(queue->submit({}, nullptr));
  EXPECT_EQ(queue->wait().error().code(), ErrorCode::cancelled);
  fake.next_result = TN_OK;
  EXPECT_TRUE(queue->submit({}, nullptr));
  EXPECT_TRUE(queue->wait());
}

// A timeline that failed stays failed: the next submissions signal another one, from its beginning.
TEST_F(Devices, AQueueGoesOnWithANewTimelineAfterAFailure) {
  static std::array<char, 8> timelines;
  static std::size_t made, failing;
  static std::vector<std::pair<const void*, std::uint64_t>> signals;
  made = failing = 0;
  signals.clear();
  fake.api().timeline_create = [](tn_device*, std::uint64_t, tn_timeline** out) -> tn_status {
    *out = reinterpret_cast<tn_timeline*>(&timelines.at(made++));
    return TN_OK;
  };
  fake.api().timeline_destroy = [](tn_device*, tn_timeline*) {};
  fake.api().submit = [](tn_device*, tn_queue*, const tn_submit* submit) -> tn_status {
    signals.emplace_back(submit->signals[0].timeline, submit->signals[0].value);
    return TN_OK;
  };
  fake.api().timeline_wait = [](tn_device*, tn_timeline* timeline, std::uint64_t,
                                std::uint64_t) -> tn_status {
    return static_cast<const void*>(timeline) == &timelines[failing] ? TN_ERR_OOM : TN_OK;
  };
  auto queue = DeviceQueue::open(*fake.open());
  ASSERT_TRUE(queue);
  for (failing = 0; failing < 3; ++failing) {  // timeline 0, then the one that came after it, …
    ASSERT_TRUE(queue->submit({}, nullptr));
    const Status failed = queue->wait();
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code(), ErrorCode::limit);
  }
  failing = timelines.size() - 1;
  ASSERT_TRUE(queue->submit({}, nullptr));
  EXPECT_TRUE(queue->wait()) << "the queue goes on";
  ASSERT_TRUE(queue->submit({}, nullptr));
  EXPECT_TRUE(queue->wait());
  const auto at = [](std::size_t i, std::uint64_t value) {
    return std::pair(static_cast<const void*>(&timelines[i]), value);
  };
  EXPECT_THAT(signals, ::testing::ElementsAre(at(0, 1), at(1, 1), at(2, 1), at(3, 1), at(3, 2)));
}

TEST_F(Devices, AQueueThatDoesNotOpenFreesItsTimeline) {
  fake.api().queue_open = [](tn_device*, std::uint32_t, tn_queue**) -> tn_status {
    return TN_ERR_UNSUPPORTED;
  };
  EXPECT_FALSE(DeviceQueue::open(*fake.open()));
}

}  // namespace
}  // namespace tenon
