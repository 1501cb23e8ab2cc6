// The foreign device as a device: asynchrony, order, failures, ranges, cancellation, closing.
#include <thread>

#include "foreign_device.hpp"

namespace tenon::conformance {
namespace {

class ForeignTest : public ForeignDevice {};

// A chain of many nodes that takes a while.
struct LongWork {
  static constexpr uint32_t k_nodes = 40;
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
  bool started() const { return __atomic_load_n(node_ns.data(), __ATOMIC_RELAXED) != 0; }
  bool finished() const { return node_ns.back() != 0; }
};

TEST_F(ForeignTest, IsForeignTwice) {
  tn_device_info infos[2] = {};
  infos[0].struct_size = infos[1].struct_size = sizeof infos[0];
  uint32_t n = 0;
  ASSERT_EQ(factory_->enumerate(backend_, infos, sizeof infos[0], 2, &n), TN_OK);
  EXPECT_EQ(n, 2u);
  for (const tn_device_info& info : infos) {
    EXPECT_EQ(info.struct_size, sizeof info);
    EXPECT_EQ(info.flags & (TN_DEVICE_HOST_MEMORY | TN_DEVICE_SYNC_SUBMIT), 0u);
    EXPECT_EQ(info.kind, uint32_t{TN_DEVICE_KIND_GPU});
    EXPECT_EQ(info.slots, nullptr);
  }
  EXPECT_STRNE(infos[0].name, infos[1].name);
  EXPECT_EQ(api_->buffer_map, nullptr);
  EXPECT_EQ(api_->buffer_unmap, nullptr);
  tn_device* third = nullptr;
  const tn_open_opts opts{sizeof opts, 0, 0, 0};
  EXPECT_EQ(factory_->open(backend_, 2, &opts, &third), TN_ERR_NOT_FOUND);
}

TEST_F(ForeignTest, DevicesHaveMemoryOfTheirOwn) {
  tn_device* second = nullptr;
  const tn_open_opts opts{sizeof opts, 0, 0, 0};
  ASSERT_EQ(factory_->open(backend_, 1, &opts, &second), TN_OK);
  tn_buffer* there = nullptr;
  ASSERT_EQ(api_->buffer_alloc(second, 0, 64, TN_USAGE_ACTIVATIONS, &there), TN_OK);
  const tn_cmd_fill fill{head<tn_cmd_fill>(TN_CMD_FILL), there, 0, 4, 9, 0};
  EXPECT_EQ(submit(queue_, {{&fill.head}, {}, {{make_timeline(), 1}}}), TN_ERR_INVALID);
  EXPECT_NE(host_.last_error().find("another device"), std::string::npos);
  api_->buffer_free(second, there);
  api_->close(second);
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
  EXPECT_EQ(heap.alignment, 256u);
  EXPECT_EQ(heap.max_alloc, uint64_t{1} << 20);
  EXPECT_EQ(heap.max_range, 0u) << "as much as a buffer";
  allocate(heap.max_alloc);
  tn_buffer* buffer = nullptr;
  for (const uint64_t size : {heap.max_alloc + 1, heap.size, UINT64_MAX})
    EXPECT_EQ(api_->buffer_alloc(device_, 0, size, 0, &buffer), TN_ERR_INVALID) << size;
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
  LongWork work(host_, *api_, device_);
  tn_buffer* buffer = allocate(2 * LongWork::bytes());
  const tn_binding binding{buffer, 0};
  const tn_cmd_execute execute = work.command(binding);
  tn_timeline* done = make_timeline();
  tn_status result = TN_ERR_INTERNAL;
  ASSERT_EQ(submit(queue_, {{&execute.head}, {}, {{done, 1}}, nullptr, &result}), TN_OK);
  EXPECT_EQ(query(done), 0u);
  EXPECT_EQ(wait(done, 1, 1'000'000), TN_ERR_TIMEOUT);
  EXPECT_EQ(wait(done, 1), TN_OK);
  EXPECT_TRUE(work.finished());
  EXPECT_EQ(result, TN_OK);
  EXPECT_EQ(query(done), 1u);
  api_->plan_free(device_, work.plan);
}

TEST_F(ForeignTest, TimelinesOrderQueues) {
  LongWork work(host_, *api_, device_);
  tn_buffer *buffer = allocate(2 * LongWork::bytes()), *word = allocate(4);
  tn_queue *first = open_queue(), *second = open_queue();
  tn_timeline *written = make_timeline(), *done = make_timeline();
  uint32_t got = 0;
  const tn_binding binding{buffer, 0};
  const tn_cmd_execute execute = work.command(binding);
  const tn_cmd_fill fill{head<tn_cmd_fill>(TN_CMD_FILL), word, 0, 4, 5, 0};
  const tn_cmd_read read{head<tn_cmd_read>(TN_CMD_READ), word, 0, 4, &got};
  ASSERT_EQ(submit(first, {{&execute.head, &fill.head}, {}, {{written, 10}}}), TN_OK);
  ASSERT_EQ(submit(second, {{&read.head}, {{written, 10}}, {{done, 1}}}), TN_OK);
  EXPECT_EQ(query(done), 0u);
  ASSERT_EQ(wait(done, 1), TN_OK);
  EXPECT_EQ(got, 5u);
  api_->plan_free(device_, work.plan);
}

// As events of many GPUs: what nobody has submitted cannot be waited for, by a queue or the host.
TEST_F(ForeignTest, NothingIsWaitedForThatIsNotSubmitted) {
  tn_timeline *gate = make_timeline(), *done = make_timeline();
  EXPECT_EQ(submit(queue_, {{}, {{gate, 1}}, {{done, 1}}}), TN_ERR_INVALID);
  EXPECT_NE(host_.last_error().find("nothing that was submitted"), std::string::npos);
  EXPECT_EQ(wait(gate, 1, 0), TN_ERR_INVALID);
  EXPECT_EQ(query(done), 0u) << "what was refused has promised nothing";
  ASSERT_EQ(signal(gate, 1), TN_OK);
  EXPECT_EQ(submit(queue_, {{}, {{gate, 1}}, {{done, 1}}}), TN_OK);
  EXPECT_EQ(wait(done, 1), TN_OK);
}

TEST_F(ForeignTest, OnlyRises) {
  tn_timeline* timeline = make_timeline(5);
  EXPECT_EQ(query(timeline), 5u);
  EXPECT_EQ(signal(timeline, 5), TN_ERR_INVALID);
  EXPECT_EQ(submit(queue_, {{}, {}, {{timeline, 5}}}), TN_ERR_INVALID);
  EXPECT_EQ(signal(timeline, 6), TN_OK);
  EXPECT_EQ(wait(timeline, 6, 0), TN_OK);
}

TEST_F(ForeignTest, AFailurePoisonsItsSignalsAndWhatWaitsForThem) {
  restart("TENON_FOREIGN_FAIL_AT", "2");
  tn_buffer* buffer = allocate(4);
  upload(buffer, 0, std::vector<uint32_t>{1});  // the first
  tn_timeline *failing = make_timeline(), *next = make_timeline();
  std::vector<tn_status> results(2, TN_OK);
  const tn_cmd_fill fill{head<tn_cmd_fill>(TN_CMD_FILL), buffer, 0, 4, 2, 0};
  ASSERT_EQ(submit(queue_, {{&fill.head}, {}, {{failing, 1}}, nullptr, &results[0]}), TN_OK);
  ASSERT_EQ(submit(queue_, {{&fill.head}, {{failing, 1}}, {{next, 1}}, nullptr, &results[1]}),
            TN_OK);
  EXPECT_EQ(wait(next, 1), TN_ERR_INTERNAL);
  EXPECT_EQ(wait(failing, 0), TN_ERR_INTERNAL) << "even a value that it had reached";
  EXPECT_EQ(query(failing), 1000u + TN_ERR_INTERNAL);
  EXPECT_EQ(query(next), 1000u + TN_ERR_INTERNAL);
  EXPECT_NE(host_.last_error().find("failed"), std::string::npos)
      << "the reason, where it is asked";
  EXPECT_EQ(results, std::vector<tn_status>(2, TN_ERR_INTERNAL));
  EXPECT_EQ(download<uint32_t>(buffer, 0, 1)[0], 1u);  // and the queue goes on
}

// The submission that loses the device is accepted as any other; then only freeing works.
TEST_F(ForeignTest, ALostDeviceSaysSoUntilItIsOpenedAnew) {
  restart("TENON_FOREIGN_LOSE_AT", "2");
  tn_buffer* buffer = allocate(4);
  upload(buffer, 0, std::vector<uint32_t>{1});
  tn_timeline *done = make_timeline(), *other = make_timeline();
  tn_queue* second = open_queue();
  tn_status result = TN_OK;
  const tn_cmd_fill fill{head<tn_cmd_fill>(TN_CMD_FILL), buffer, 0, 4, 2, 0};
  ASSERT_EQ(submit(queue_, {{&fill.head}, {}, {{done, 1}}, nullptr, &result}), TN_OK);
  EXPECT_EQ(wait(done, 1), TN_ERR_DEVICE_LOST);
  EXPECT_NE(host_.last_error().find("lost"), std::string::npos);
  EXPECT_EQ(result, TN_ERR_DEVICE_LOST);
  EXPECT_EQ(query(other), 1000u + TN_ERR_DEVICE_LOST) << "timelines of other queues too";
  EXPECT_EQ(submit(second, {{&fill.head}, {}, {{other, 1}}}), TN_ERR_DEVICE_LOST);
  tn_buffer* none = nullptr;
  tn_timeline* no_timeline = nullptr;
  tn_queue* no_queue = nullptr;
  tn_plan* no_plan = nullptr;
  tn_weight* no_weight = nullptr;
  uint32_t n = 0;
  GraphBuilder graph(host_);
  const tn_compile_opts opts{sizeof opts, 0, 0, 0, nullptr};
  const tn_weight_desc desc{};
  tn_weight_report report{};
  EXPECT_EQ(api_->buffer_alloc(device_, 0, 64, 0, &none), TN_ERR_DEVICE_LOST);
  EXPECT_EQ(api_->timeline_create(device_, 0, &no_timeline), TN_ERR_DEVICE_LOST);
  EXPECT_EQ(api_->queue_open(device_, TN_QUEUE_COMPUTE, &no_queue), TN_ERR_DEVICE_LOST);
  EXPECT_EQ(api_->compile(device_, &graph.graph(), &opts, &no_plan), TN_ERR_DEVICE_LOST);
  EXPECT_EQ(api_->weight_put(device_, &desc, &no_weight), TN_ERR_DEVICE_LOST);
  EXPECT_EQ(api_->weights_commit(device_, &report), TN_ERR_DEVICE_LOST);
  EXPECT_EQ(api_->get_heaps(device_, nullptr, 0, 0, &n), TN_ERR_DEVICE_LOST);
  tn_device* again = nullptr;
  const tn_open_opts open{sizeof open, 0, 0, 0};
  ASSERT_EQ(factory_->open(backend_, 0, &open, &again), TN_OK);
  EXPECT_EQ(api_->buffer_alloc(again, 0, 64, 0, &none), TN_OK);
  api_->buffer_free(again, none);
  api_->close(again);
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

// What has not begun when the flag is raised ends early; it signals, and poisons nothing.
TEST_F(ForeignTest, CancelsWhatHasNotBegun) {
  LongWork work(host_, *api_, device_);
  tn_buffer* buffer = allocate(2 * LongWork::bytes());
  const tn_binding binding{buffer, 0};
  const tn_cmd_execute execute = work.command(binding);
  tn_timeline *running = make_timeline(), *done = make_timeline();
  uint32_t cancel = 0;
  tn_status result = TN_OK;
  ASSERT_EQ(submit(open_queue(), {{&execute.head}, {}, {{running, 1}}}), TN_OK);
  ASSERT_EQ(submit(queue_, {{}, {{running, 1}}, {{done, 1}}, &cancel, &result}), TN_OK);
  __atomic_store_n(&cancel, 1u, __ATOMIC_RELAXED);
  EXPECT_EQ(wait(done, 1), TN_OK);
  EXPECT_EQ(result, TN_ERR_CANCELLED);
  EXPECT_EQ(wait(running, 1), TN_OK);
  api_->plan_free(device_, work.plan);
}

TEST_F(ForeignTest, DoesNotCancelBetweenNodes) {
  LongWork work(host_, *api_, device_);
  tn_buffer* buffer = allocate(2 * LongWork::bytes());
  const tn_binding binding{buffer, 0};
  const tn_cmd_execute execute = work.command(binding);
  tn_timeline* done = make_timeline();
  uint32_t cancel = 0;
  tn_status result = TN_ERR_INTERNAL;
  ASSERT_EQ(submit(queue_, {{&execute.head}, {}, {{done, 1}}, &cancel, &result}), TN_OK);
  while (!work.started()) std::this_thread::yield();
  __atomic_store_n(&cancel, 1u, __ATOMIC_RELAXED);
  EXPECT_EQ(wait(done, 1), TN_OK);
  EXPECT_EQ(result, TN_OK);
  EXPECT_TRUE(work.finished());
  api_->plan_free(device_, work.plan);
}

TEST_F(ForeignTest, ClosesWithWorkInFlight) {
  LongWork work(host_, *api_, device_);
  tn_buffer* buffer = allocate(2 * LongWork::bytes());
  const tn_binding binding{buffer, 0};
  const tn_cmd_execute execute = work.command(binding);
  tn_queue* queue = open_queue();
  tn_timeline* done = make_timeline();
  std::vector<tn_status> results(2, TN_ERR_INTERNAL);
  uint32_t word = 7;
  const tn_cmd_read read{head<tn_cmd_read>(TN_CMD_READ), buffer, 0, 4, &word};
  ASSERT_EQ(submit(queue, {{&execute.head}, {}, {{done, 1}}, nullptr, &results[0]}), TN_OK);
  ASSERT_EQ(submit(queue, {{&read.head}, {}, {{done, 2}}, nullptr, &results[1]}), TN_OK);
  while (!work.started()) std::this_thread::yield();
  close(queue);
  EXPECT_EQ(query(done), 2u);
  EXPECT_EQ(results, (std::vector<tn_status>{TN_OK, TN_ERR_CANCELLED}));
  EXPECT_TRUE(work.finished());
  EXPECT_EQ(word, 7u);
  api_->plan_free(device_, work.plan);
}

}  // namespace
}  // namespace tenon::conformance
