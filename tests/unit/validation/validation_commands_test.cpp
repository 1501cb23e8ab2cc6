// Validation layer: what is submitted, and the values of timelines.
#include "tests/unit/validation/fake_device.hpp"

namespace tenon {
namespace {

class CommandsTest : public ValidationTest {
 protected:
  tn_status submit(const tn_cmd* command, std::vector<tn_point> signals = {}) {
    const tn_cmd* cmds[] = {command};
    const tn_submit s{sizeof(s),
                      0,
                      nullptr,
                      signals.data(),
                      cmds,
                      0,
                      static_cast<std::uint32_t>(signals.size()),
                      command != nullptr ? 1u : 0u,
                      0,
                      nullptr,
                      nullptr};
    return api().submit(queue_, &s);
  }

  tn_queue* queue_ = queue();
  tn_buffer* buffer_ = buffer(128);
  std::byte bytes_[256] = {};
};

TEST_F(CommandsTest, ThePluginGetsItsOwnHandles) {
  const tn_cmd_copy copy{{sizeof(copy), TN_CMD_COPY}, buffer_, 0, buffer(64), 0, 64};
  fake_.on_submit = [&](const tn_submit& s) {
    const auto& c = *reinterpret_cast<const tn_cmd_copy*>(s.cmds[0]);
    EXPECT_EQ(static_cast<void*>(c.src), &fake_.objects[0]);
    EXPECT_EQ(static_cast<void*>(c.dst), &fake_.objects[1]);
    EXPECT_EQ(c.size, 64u);
  };
  EXPECT_EQ(submit(&copy.head), TN_OK);
  expect_no_report();
}

TEST_F(CommandsTest, RangesBeyondABuffer) {
  const tn_cmd_write write{{sizeof(write), TN_CMD_WRITE}, bytes_, buffer_, 100, 29};
  expect_refused([&] { return submit(&write.head); },
                 "submit of queue 1: command 0: 29 bytes at offset 100 do not lie in the 128");
  const tn_cmd_read read{{sizeof(read), TN_CMD_READ}, buffer_, UINT64_MAX, 2, bytes_};
  expect_refused([&] { return submit(&read.head); }, "do not lie in the 128 of buffer 2");
  const tn_cmd_fill fill{{sizeof(fill), TN_CMD_FILL}, buffer_, 0, 132, 0, 0};
  expect_refused([&] { return submit(&fill.head); }, "132 bytes at offset 0");
  const tn_cmd_copy copy{{sizeof(copy), TN_CMD_COPY}, buffer_, 0, buffer(8), 0, 9};
  expect_refused([&] { return submit(&copy.head); }, "the destination: 9 bytes");
  void* address = nullptr;
  expect_refused([&] { return api().buffer_map(dev(), buffer_, 1, 128, TN_MAP_READ, &address); },
                 "the mapping: 128 bytes at offset 1");
}

TEST_F(CommandsTest, FillsAreInWords) {
  const tn_cmd_fill fill{{sizeof(fill), TN_CMD_FILL}, buffer_, 2, 4, 0, 0};
  expect_refused([&] { return submit(&fill.head); }, "not multiples of 4");
}

TEST_F(CommandsTest, NullMemoryOfTheHost) {
  const tn_cmd_write write{{sizeof(write), TN_CMD_WRITE}, nullptr, buffer_, 0, 4};
  expect_refused([&] { return submit(&write.head); }, "src is NULL");
  const tn_cmd_read read{{sizeof(read), TN_CMD_READ}, buffer_, 0, 4, nullptr};
  expect_refused([&] { return submit(&read.head); }, "dst is NULL");
}

TEST_F(CommandsTest, StructSizesAndUnknownTypes) {
  const tn_cmd_read small{{8, TN_CMD_READ}, buffer_, 0, 4, bytes_};
  expect_refused([&] { return submit(&small.head); }, "command 0 has struct_size 8, not 40");
  const tn_cmd unknown{sizeof(unknown), 77};
  expect_refused([&] { return submit(&unknown); }, "unknown type 77");
  tn_submit s{};
  expect_refused([&] { return api().submit(queue_, &s); }, "tn_submit has struct_size 0");
}

TEST_F(CommandsTest, FreedBuffers) {
  api().buffer_free(dev(), buffer_);
  const tn_cmd_write write{{sizeof(write), TN_CMD_WRITE}, bytes_, buffer_, 0, 4};
  expect_refused([&] { return submit(&write.head); }, "buffer 2 was freed before");
}

TEST_F(CommandsTest, SignalsRiseByLessThanTwoToThe31) {
  tn_timeline* t = timeline(5);
  expect_refused([&] { return submit(nullptr, {{t, 5}}); }, "signalled 5 after 5: values rise");
  EXPECT_EQ(submit(nullptr, {{t, 6}}), TN_OK);
  expect_refused([&] { return submit(nullptr, {{t, 4}}); }, "signalled 4 after 6: values rise");
  expect_refused([&] { return submit(nullptr, {{t, 6 + (1ull << 31)}}); }, "2^31 or more");
  expect_refused([&] { return api().timeline_signal(dev(), t, 6); }, "signalled 6 after 6");
  EXPECT_EQ(api().timeline_signal(dev(), t, 7), TN_OK);
  expect_no_report();
}

TEST_F(CommandsTest, ASubmissionThatFailedSignalsNothing) {
  tn_timeline* t = timeline();
  fake_.status = TN_ERR_OOM;
  EXPECT_EQ(submit(nullptr, {{t, 1}, {t, 2}}), TN_ERR_OOM);
  fake_.status = TN_OK;
  EXPECT_EQ(submit(nullptr, {{t, 1}}), TN_OK);
  expect_no_report();
}

TEST_F(CommandsTest, SubmitAfterTheDeviceWasLost) {
  tn_timeline* t = timeline();
  fake_.status = TN_ERR_DEVICE_LOST;
  EXPECT_EQ(submit(nullptr, {{t, 1}}), TN_ERR_DEVICE_LOST);
  expect_no_report();
  const int calls = fake_.calls;
  EXPECT_EQ(submit(nullptr, {{t, 1}}), TN_ERR_DEVICE_LOST);
  EXPECT_EQ(fake_.calls, calls);
  expect_host_wrong("the device is lost");
}

}  // namespace
}  // namespace tenon
