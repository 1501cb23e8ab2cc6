// The foreign device as a device: asynchrony, order, failures, ranges, cancellation, closing.
#include "foreign_device.hpp"

namespace tenon::conformance {
namespace {

class ForeignTest : public ForeignDevice {};

TEST_F(ForeignTest, IsForeign) {
  tn_device_info info{};
  info.struct_size = sizeof info;
  uint32_t n = 0;
  ASSERT_EQ(factory_->enumerate(backend_, &info, sizeof info, 1, &n), TN_OK);
  EXPECT_EQ(n, 1u);
  EXPECT_EQ(info.struct_size, sizeof info);
  EXPECT_EQ(info.flags & (TN_DEVICE_HOST_MEMORY | TN_DEVICE_SYNC_SUBMIT), 0u);
  EXPECT_EQ(info.slots, nullptr);
  EXPECT_EQ(api_->buffer_map, nullptr);
  EXPECT_EQ(api_->buffer_unmap, nullptr);
  tn_device* second = nullptr;
  const tn_open_opts opts{sizeof opts, 0, 0, 0};
  EXPECT_EQ(factory_->open(backend_, 1, &opts, &second), TN_ERR_NOT_FOUND);
}

TEST_F(ForeignTest, WritesNoMoreOfAStructThanTheCallerHas) {
  tn_device_info info{};
  info.struct_size = offsetof(tn_device_info, memory_total);
  info.memory_total = 42;
  uint32_t n = 0;
  ASSERT_EQ(factory_->enumerate(backend_, &info, sizeof info, 1, &n), TN_OK);
  EXPECT_NE(info.name, nullptr);
  EXPECT_EQ(info.memory_total, 42u);
  EXPECT_EQ(info.struct_size, offsetof(tn_device_info, memory_total));
}

TEST_F(ForeignTest, KeepsNoCache) {
  tn_kv_desc desc{};
  desc.struct_size = sizeof desc;
  tn_kv* kv = nullptr;
  uint64_t bytes = 0;
  EXPECT_EQ(api_->kv_size(device_, &desc, &bytes), TN_ERR_UNSUPPORTED);
  EXPECT_EQ(api_->kv_create(device_, &desc, &kv), TN_ERR_UNSUPPORTED);
}

TEST_F(ForeignTest, CountsItsMemory) {
  tn_heap heap{};
  heap.struct_size = sizeof heap;
  uint32_t n = 0;
  ASSERT_EQ(api_->get_heaps(device_, &heap, sizeof heap, 1, &n), TN_OK);
  const uint64_t before = heap.budget;
  EXPECT_EQ(heap.flags & (TN_HEAP_HOST_VISIBLE | TN_HEAP_HOST_COHERENT), 0u);
  allocate(4096);
  ASSERT_EQ(api_->get_heaps(device_, &heap, sizeof heap, 1, &n), TN_OK);
  EXPECT_EQ(heap.budget, before - 4096);
  tn_buffer* buffer = nullptr;
  for (const uint64_t size : {heap.size, heap.size + 1, UINT64_MAX})
    EXPECT_EQ(api_->buffer_alloc(device_, 0, size, 0, &buffer), TN_ERR_OOM) << size;
  EXPECT_EQ(api_->buffer_alloc(device_, 1, 64, 0, &buffer), TN_ERR_INVALID);
  EXPECT_EQ(api_->buffer_alloc(device_, 0, 0, 0, &buffer), TN_ERR_INVALID);
  EXPECT_EQ(buffer, nullptr);
}

TEST_F(ForeignTest, RunsCommandsInOrder) {
  tn_buffer *a = allocate(64), *b = allocate(64);
  const std::vector<uint32_t> values = {1, 2, 3, 4};
  std::vector<uint32_t> got(5);
  const tn_cmd_write write{head<tn_cmd_write>(TN_CMD_WRITE), values.data(), a, 8, 16};
  const tn_cmd_fill fill{head<tn_cmd_fill>(TN_CMD_FILL), a, 12, 4, 77, 0};
  const tn_cmd_copy copy{head<tn_cmd_copy>(TN_CMD_COPY), a, 8, b, 4, 16};
  const tn_cmd_fill later{head<tn_cmd_fill>(TN_CMD_FILL), a, 0, 64, 0, 0};
  const tn_cmd_fill front{head<tn_cmd_fill>(TN_CMD_FILL), b, 0, 4, 5, 0};
  const tn_cmd_read read{head<tn_cmd_read>(TN_CMD_READ), b, 0, 20, got.data()};
  run({&write.head, &fill.head, &copy.head, &later.head, &front.head, &read.head});
  EXPECT_EQ(got, (std::vector<uint32_t>{5, 1, 77, 3, 4}));
}

TEST_F(ForeignTest, SubmitReturnsBeforeTheWorkIsDone) {
  tn_buffer* buffer = allocate(4);
  tn_timeline *gate = make_timeline(), *done = make_timeline();
  uint32_t got = 7;
  tn_status result = TN_ERR_INTERNAL;
  const tn_cmd_fill fill{head<tn_cmd_fill>(TN_CMD_FILL), buffer, 0, 4, 9, 0};
  const tn_cmd_read read{head<tn_cmd_read>(TN_CMD_READ), buffer, 0, 4, &got};
  ASSERT_EQ(submit(queue_, {{&fill.head, &read.head}, {{gate, 3}}, {{done, 1}}, nullptr, &result}),
            TN_OK);
  EXPECT_EQ(query(done), 0u);
  ASSERT_EQ(signal(gate, 2), TN_OK);
  EXPECT_EQ(wait(done, 1, 10'000'000), TN_ERR_TIMEOUT);
  ASSERT_EQ(signal(gate, 3), TN_OK);
  EXPECT_EQ(wait(done, 1), TN_OK);
  EXPECT_EQ(got, 9u);
  EXPECT_EQ(result, TN_OK);
  EXPECT_EQ(query(done), 1u);
}

TEST_F(ForeignTest, TimelinesOrderQueues) {
  tn_buffer* buffer = allocate(4);
  tn_queue *first = open_queue(), *second = open_queue();
  tn_timeline *gate = make_timeline(), *written = make_timeline(), *done = make_timeline();
  uint32_t got = 0;
  const tn_cmd_fill fill{head<tn_cmd_fill>(TN_CMD_FILL), buffer, 0, 4, 5, 0};
  const tn_cmd_read read{head<tn_cmd_read>(TN_CMD_READ), buffer, 0, 4, &got};
  ASSERT_EQ(submit(first, {{&fill.head}, {{gate, 1}}, {{written, 10}}}), TN_OK);
  ASSERT_EQ(submit(second, {{&read.head}, {{written, 10}}, {{done, 1}}}), TN_OK);
  EXPECT_EQ(query(done), 0u);
  ASSERT_EQ(signal(gate, 1), TN_OK);
  ASSERT_EQ(wait(done, 1), TN_OK);
  EXPECT_EQ(got, 5u);
}

TEST_F(ForeignTest, OnlyRises) {
  tn_timeline* timeline = make_timeline(5);
  EXPECT_EQ(query(timeline), 5u);
  EXPECT_EQ(wait(timeline, 6, 0), TN_ERR_TIMEOUT);
  EXPECT_EQ(signal(timeline, 5), TN_ERR_INVALID);
  EXPECT_EQ(submit(queue_, {{}, {}, {{timeline, 5}}}), TN_ERR_INVALID);
  EXPECT_EQ(signal(timeline, 6), TN_OK);
  EXPECT_EQ(wait(timeline, 6, 0), TN_OK);
}

// A signal that can no longer rise is found out late, as failures of devices are.
TEST_F(ForeignTest, AFailurePoisonsItsSignalsAndWhatWaitsForThem) {
  tn_buffer* buffer = allocate(4);
  tn_timeline *gate = make_timeline(), *failing = make_timeline(), *next = make_timeline();
  upload(buffer, 0, std::vector<uint32_t>{1});
  tn_status result = TN_OK;
  const tn_cmd_fill fill{head<tn_cmd_fill>(TN_CMD_FILL), buffer, 0, 4, 2, 0};
  ASSERT_EQ(submit(queue_, {{}, {{gate, 1}}, {{failing, 1}}}), TN_OK);
  ASSERT_EQ(submit(queue_, {{&fill.head}, {{failing, 9}}, {{next, 1}}, nullptr, &result}), TN_OK);
  ASSERT_EQ(signal(failing, 2), TN_OK);
  ASSERT_EQ(signal(gate, 1), TN_OK);
  EXPECT_EQ(wait(next, 1), TN_ERR_INVALID);
  EXPECT_EQ(wait(failing, 1), TN_ERR_INVALID);  // even a value that it had reached
  EXPECT_EQ(query(failing), 1000u + TN_ERR_INVALID);
  EXPECT_EQ(query(next), 1000u + TN_ERR_INVALID);
  EXPECT_NE(host_.last_error().find("failed"), std::string::npos)
      << "the reason, where it is asked";
  EXPECT_EQ(result, TN_ERR_INVALID);
  EXPECT_EQ(download<uint32_t>(buffer, 0, 1)[0], 1u);  // and the queue goes on
}

TEST_F(ForeignTest, RefusesCommandsThatLeaveTheirBuffer) {
  tn_buffer *a = allocate(64), *b = allocate(32);
  tn_timeline* done = make_timeline();
  std::vector<uint8_t> bytes(128);
  const auto refused = [&](const tn_cmd& cmd) {
    EXPECT_EQ(submit(queue_, {{&cmd}, {}, {{done, 1}}}), TN_ERR_INVALID);
    EXPECT_FALSE(host_.last_error().empty());
  };
  for (const auto& [offset, size] : {std::pair<uint64_t, uint64_t>{0, 68},
                                     {61, 4},
                                     {64, 4},
                                     {68, 0},
                                     {2, 4},
                                     {UINT64_MAX - 3, 8},
                                     {4, UINT64_MAX - 3}}) {
    SCOPED_TRACE(testing::Message() << size << " bytes at " << offset);
    refused(tn_cmd_write{head<tn_cmd_write>(TN_CMD_WRITE), bytes.data(), a, offset, size}.head);
    refused(tn_cmd_read{head<tn_cmd_read>(TN_CMD_READ), a, offset, size, bytes.data()}.head);
    refused(tn_cmd_copy{head<tn_cmd_copy>(TN_CMD_COPY), a, offset, b, 0, size}.head);
    refused(tn_cmd_copy{head<tn_cmd_copy>(TN_CMD_COPY), b, 0, a, offset, size}.head);
  }
  refused(tn_cmd_fill{head<tn_cmd_fill>(TN_CMD_FILL), a, 64, 4, 0, 0}.head);
  refused(tn_cmd_fill{head<tn_cmd_fill>(TN_CMD_FILL), a, 2, 4, 0, 0}.head);
  refused(tn_cmd_read{head<tn_cmd_read>(TN_CMD_READ), nullptr, 0, 4, bytes.data()}.head);
  refused(tn_cmd_read{head<tn_cmd_read>(TN_CMD_READ), a, 0, 4, nullptr}.head);
  refused(tn_cmd_read{{sizeof(tn_cmd), TN_CMD_READ}, a, 0, 4, bytes.data()}.head);
  const tn_cmd unknown{sizeof(tn_cmd), 99};
  EXPECT_EQ(submit(queue_, {{&unknown}, {}, {{done, 1}}}), TN_ERR_UNSUPPORTED);
  EXPECT_EQ(submit(queue_, {{}, {{nullptr, 1}}, {{done, 1}}}), TN_ERR_INVALID);
  EXPECT_EQ(submit(queue_, {{}, {}, {{nullptr, 1}}}), TN_ERR_INVALID);
  EXPECT_EQ(query(done), 0u);
}

TEST_F(ForeignTest, CancelsWhatWaits) {
  tn_timeline *never = make_timeline(), *done = make_timeline();
  uint32_t cancel = 0;
  tn_status result = TN_OK;
  ASSERT_EQ(submit(queue_, {{}, {{never, 1}}, {{done, 1}}, &cancel, &result}), TN_OK);
  EXPECT_EQ(query(done), 0u);
  __atomic_store_n(&cancel, 1u, __ATOMIC_RELAXED);
  EXPECT_EQ(wait(done, 1), TN_OK);  // it signals, and is not poisoned
  EXPECT_EQ(result, TN_ERR_CANCELLED);
}

// A chain of many nodes that would take seconds.
struct LongWork {
  static constexpr uint32_t k_nodes = 4000;
  static constexpr int64_t k_rows = 256, k_width = 512;
  std::vector<uint64_t> node_ns = std::vector<uint64_t>(k_nodes);
  std::vector<int64_t> syms = std::vector<int64_t>(TN_SYM_COUNT);
  tn_plan* plan = nullptr;

  LongWork(TestHost& host, const tn_device_api& api, tn_device* device) {
    GraphBuilder g(host);
    const uint32_t a = g.tensor({k_rows, k_width}, 0), b = g.tensor({k_rows, k_width}, bytes());
    for (uint32_t n = 0; n < k_nodes; ++n) g.node(TN_OP_SILU, {n % 2 ? b : a}, n % 2 ? a : b);
    const tn_compile_opts opts{sizeof opts, 0, TN_SYM_COUNT, 0, syms.data()};
    EXPECT_EQ(api.compile(device, &g.graph(), &opts, &plan), TN_OK);
  }
  static uint64_t bytes() { return k_rows * k_width * 4; }
  tn_cmd_execute command(const tn_binding& binding) {
    return {{sizeof(tn_cmd_execute), TN_CMD_EXECUTE},
            plan,
            nullptr,
            &binding,
            syms.data(),
            1,
            TN_SYM_COUNT,
            node_ns.data()};
  }
  bool started() const { return node_ns.front() != 0; }
  bool finished() const { return node_ns.back() != 0; }
};

TEST_F(ForeignTest, CancelsBetweenNodes) {
  LongWork work(host_, *api_, device_);
  tn_buffer* buffer = allocate(2 * LongWork::bytes());
  const tn_cmd_fill ones{
      head<tn_cmd_fill>(TN_CMD_FILL), buffer, 0, LongWork::bytes(), 0x3f800000, 0};
  run({&ones.head});
  const tn_binding binding{buffer, 0};
  const tn_cmd_execute execute = work.command(binding);
  tn_timeline *running = make_timeline(), *done = make_timeline();
  uint32_t cancel = 0;
  tn_status result = TN_OK;
  ASSERT_EQ(submit(queue_, {{}, {}, {{running, 1}}}), TN_OK);
  ASSERT_EQ(submit(queue_, {{&execute.head}, {}, {{done, 1}}, &cancel, &result}), TN_OK);
  ASSERT_EQ(wait(running, 1), TN_OK);
  EXPECT_EQ(wait(done, 1, 20'000'000), TN_ERR_TIMEOUT);
  __atomic_store_n(&cancel, 1u, __ATOMIC_RELAXED);
  EXPECT_EQ(wait(done, 1), TN_OK);
  EXPECT_EQ(result, TN_ERR_CANCELLED);
  EXPECT_TRUE(work.started());
  EXPECT_FALSE(work.finished());
  api_->plan_free(device_, work.plan);
}

TEST_F(ForeignTest, ClosesWithWorkInFlight) {
  LongWork work(host_, *api_, device_);
  tn_buffer* buffer = allocate(2 * LongWork::bytes());
  const tn_binding binding{buffer, 0};
  const tn_cmd_execute execute = work.command(binding);
  tn_queue* queue = open_queue();
  tn_timeline *never = make_timeline(), *done = make_timeline();
  std::vector<tn_status> results(3, TN_OK);
  uint32_t word = 7;
  const tn_cmd_read read{head<tn_cmd_read>(TN_CMD_READ), buffer, 0, 4, &word};
  ASSERT_EQ(submit(queue, {{&execute.head}, {}, {{done, 1}}, nullptr, &results[0]}), TN_OK);
  ASSERT_EQ(submit(queue, {{}, {{never, 1}}, {{done, 2}}, nullptr, &results[1]}), TN_OK);
  ASSERT_EQ(submit(queue, {{&read.head}, {}, {{done, 3}}, nullptr, &results[2]}), TN_OK);
  close(queue);
  EXPECT_EQ(query(done), 3u);
  EXPECT_EQ(results, std::vector<tn_status>(3, TN_ERR_CANCELLED));
  EXPECT_FALSE(work.finished());
  EXPECT_EQ(word, 7u);
  api_->plan_free(device_, work.plan);
}

}  // namespace
}  // namespace tenon::conformance
