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
    return api().submit(dev(), queue_, &s);
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
  const tn_cmd_write write{{sizeof(write), TN_CMD_WRITE}, bytes_, buffer_, 100, 32};
  expect_refused([&] { return submit(&write.head); },
                 "submit of queue 1: command 0: 32 bytes at offset 100 do not lie in the 128");
  const tn_cmd_read read{{sizeof(read), TN_CMD_READ}, buffer_, UINT64_MAX - 3, 4, bytes_};
  expect_refused([&] { return submit(&read.head); }, "do not lie in the 128 of buffer 2");
  const tn_cmd_fill fill{{sizeof(fill), TN_CMD_FILL}, buffer_, 0, 132, 0, 0};
  expect_refused([&] { return submit(&fill.head); }, "132 bytes at offset 0");
  const tn_cmd_copy copy{{sizeof(copy), TN_CMD_COPY}, buffer_, 0, buffer(8), 0, 12};
  expect_refused([&] { return submit(&copy.head); }, "the destination: 12 bytes");
  void* address = nullptr;
  expect_refused([&] { return api().buffer_map(dev(), buffer_, 1, 128, TN_MAP_READ, &address); },
                 "the mapping: 128 bytes at offset 1");
}

TEST_F(CommandsTest, BuffersAreNoLargerThanTheirHeapTakes) {
  tn_buffer* b = nullptr;
  expect_refused([&] { return api().buffer_alloc(dev(), 1, 1028, 0, &b); },
                 "buffer_alloc: 1028 bytes, a buffer of heap 1 has at most 1024");
  expect_refused([&] { return api().buffer_alloc(dev(), 2, 64, 0, &b); }, "there is no heap 2");
  EXPECT_EQ(api().buffer_alloc(dev(), 1, 1024, 0, &b), TN_OK);
  expect_no_report();
}

TEST_F(CommandsTest, BytesMoveInWordsAndNeverOverThemselves) {
  const tn_cmd_fill fill{{sizeof(fill), TN_CMD_FILL}, buffer_, 2, 4, 0, 0};
  expect_refused([&] { return submit(&fill.head); }, "must be multiples of 4");
  const tn_cmd_write nothing{{sizeof(nothing), TN_CMD_WRITE}, bytes_, buffer_, 0, 0};
  expect_refused([&] { return submit(&nothing.head); }, "size not 0");
  const tn_cmd_read odd{{sizeof(odd), TN_CMD_READ}, buffer_, 0, 6, bytes_};
  expect_refused([&] { return submit(&odd.head); }, "must be multiples of 4");
  const tn_cmd_copy over{{sizeof(over), TN_CMD_COPY}, buffer_, 0, buffer_, 16, 32};
  expect_refused([&] { return submit(&over.head); }, "source and destination overlap");
}

TEST_F(CommandsTest, NoWaitBeforeItsSignal) {
  tn_timeline* t = timeline();
  const tn_point wait{t, 1};
  const tn_submit s{sizeof(s), 0, &wait, nullptr, nullptr, 1, 0, 0, 0, nullptr, nullptr};
  expect_refused([&] { return api().submit(dev(), queue_, &s); },
                 "nothing that was accepted signals it");
  ASSERT_EQ(signal(t, 1), TN_OK);
  EXPECT_EQ(api().submit(dev(), queue_, &s), TN_OK);
  expect_no_report();
}

TEST_F(CommandsTest, RowsOfStatesStayInTheirPages) {
  const tn_state_desc state{sizeof(state), TN_STATE_KV, 3, 0, 1, 4, 4, 1, 0, 0, 0};
  const std::uint64_t pages = 2;
  const tn_kv_desc desc{sizeof(desc), 0, 1, sizeof(state), &state, &pages, 1, 64};
  tn_kv* kv = nullptr;
  ASSERT_EQ(api().kv_create(dev(), &desc, &kv), TN_OK);
  tn_kv_rows rows{sizeof(rows), 3, 1, 60, 4, 0, bytes_, bytes_, 40, 40};
  const tn_cmd_kv_rows read{{sizeof(read), TN_CMD_KV_READ}, kv, &rows, 1, sizeof(rows)};
  EXPECT_EQ(submit(&read.head), TN_OK);
  rows.n = 5;
  expect_refused([&] { return submit(&read.head); }, "beyond the end of a page");
  const tn_cmd_kv_rows write{{sizeof(write), TN_CMD_KV_WRITE}, kv, &rows, 1, sizeof(rows)};
  for (const tn_cmd* command : {&read.head, &write.head}) {
    rows = {sizeof(rows), 3, 2, 60, 4, 0, bytes_, bytes_, 40, 40};
    expect_refused([&] { return submit(command); }, "command 0: page 2 of 2");
    rows = {sizeof(rows), 0, 1, 60, 4, 0, bytes_, bytes_, 40, 40};
    expect_refused([&] { return submit(command); }, "cache 3 has no state 0");
  }
  tn_kv_move move{0, 0, 1, 60, 4, 0};
  tn_cmd_kv_copy copy{{sizeof(copy), TN_CMD_KV_COPY}, kv, &move, 1, 0};
  EXPECT_EQ(submit(&copy.head), TN_OK);
  move.dst_page = 2;
  expect_refused([&] { return submit(&copy.head); }, "move 0 leaves its pages");
  copy.group = 1;
  expect_refused([&] { return submit(&copy.head); }, "no group 1");
  api().kv_free(dev(), kv);
  expect_refused([&] { return submit(&copy.head); }, "was freed before");
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
  expect_refused([&] { return api().submit(dev(), queue_, &s); }, "tn_submit has struct_size 0");
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
