// Devices, memory, timelines and the commands that move bytes.
#include <string_view>

#include "vulkan_device.hpp"

namespace tenon::conformance {
namespace {

class VulkanTest : public VulkanDevice {};

TEST_F(VulkanTest, ADeviceOfTheCpuSaysSo) {
  tn_device_info info{};
  info.struct_size = sizeof info;
  uint32_t n = 0;
  ASSERT_EQ(factory_->enumerate(backend_, &info, sizeof info, 1, &n), TN_OK);
  ASSERT_GE(n, 1u);
  EXPECT_EQ(info.unusable, nullptr);
  EXPECT_EQ(info.kind, uint32_t{TN_DEVICE_KIND_CPU}) << info.name;
  EXPECT_EQ(info.flags & (TN_DEVICE_HOST_MEMORY | TN_DEVICE_SYNC_SUBMIT), 0u);
  EXPECT_NE(std::string_view(info.name).find("llvmpipe"), std::string_view::npos) << info.name;
  EXPECT_GT(info.memory_total, 0u);
  tn_device* none = nullptr;
  const tn_open_opts opts{sizeof opts, 0, 0, 0};
  EXPECT_EQ(factory_->open(backend_, n, &opts, &none), TN_ERR_NOT_FOUND);
}

// As on a machine whose drivers are gone: nothing fails but open, which says why.
TEST_F(VulkanTest, WithoutADriverThereIsAReason) {
  const char* variables[] = {"VK_DRIVER_FILES", "VK_ICD_FILENAMES"};
  std::string before[2];
  for (int i = 0; i < 2; ++i) {
    const char* value = getenv(variables[i]);
    before[i] = value != nullptr ? value : "";
    setenv(variables[i], "/nonexistent.json", 1);
  }
  tn_backend* backend = nullptr;
  const tn_backend_opts none{sizeof none, 0};
  ASSERT_EQ(factory_->create(host(), &none, &backend), TN_OK);
  tn_device_info info{};
  info.struct_size = sizeof info;
  uint32_t n = 0;
  EXPECT_EQ(factory_->enumerate(backend, &info, sizeof info, 1, &n), TN_OK);
  EXPECT_EQ(n, 1u);
  ASSERT_NE(info.unusable, nullptr);
  EXPECT_NE(std::string_view(info.unusable), "");
  tn_device* device = nullptr;
  const tn_open_opts opts{sizeof opts, 0, 0, 0};
  EXPECT_EQ(factory_->open(backend, 0, &opts, &device), TN_ERR_NOT_FOUND);
  EXPECT_EQ(host_.last_error(), info.unusable);
  factory_->destroy(backend);
  for (int i = 0; i < 2; ++i) {
    if (before[i].empty())
      unsetenv(variables[i]);
    else
      setenv(variables[i], before[i].c_str(), 1);
  }
}

TEST_F(VulkanTest, CountsItsMemory) {
  const tn_heap before = heap();
  EXPECT_EQ(before.alignment, 256u);
  EXPECT_LE(before.max_range, before.max_alloc);
  EXPECT_LE(before.budget, before.size);
  const uint64_t large = uint64_t{100} << 20;  // a block of its own
  tn_buffer* buffer = nullptr;
  ASSERT_EQ(api_->buffer_alloc(device_, 0, large, TN_USAGE_ACTIVATIONS, &buffer), TN_OK);
  EXPECT_LE(heap().budget, before.budget - large);
  api_->buffer_free(device_, buffer);
  EXPECT_EQ(heap().budget, before.budget);
  buffer = nullptr;
  for (const uint64_t size : {before.max_alloc + 1, UINT64_MAX, uint64_t{0}})
    EXPECT_EQ(api_->buffer_alloc(device_, 0, size, 0, &buffer), TN_ERR_INVALID) << size;
  EXPECT_EQ(api_->buffer_alloc(device_, 1, 64, 0, &buffer), TN_ERR_INVALID);
  EXPECT_EQ(buffer, nullptr);
}

TEST_F(VulkanTest, BuffersDoNotShareBytes) {
  std::vector<tn_buffer*> buffers;
  for (uint32_t i = 0; i < 20; ++i) {
    buffers.push_back(allocate(4 + 100 * i));
    const tn_cmd_fill fill{head<tn_cmd_fill>(TN_CMD_FILL), buffers[i], 0, 4 + 100 * i, i + 1, 0};
    run({&fill.head});
  }
  for (uint32_t i = 0; i < 20; ++i)
    EXPECT_EQ(download<uint32_t>(buffers[i], 0, 1 + 25 * i), std::vector(1 + 25 * i, i + 1)) << i;
}

TEST_F(VulkanTest, RunsCommandsInOrder) {
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

TEST_F(VulkanTest, MovesMoreThanItsStagingMemoryHad) {
  std::vector<uint32_t> values(3'000'000);
  for (uint32_t i = 0; i < values.size(); ++i) values[i] = i * 2654435761u;
  tn_buffer* buffer = allocate(values.size() * 4);
  upload(buffer, 0, values);
  EXPECT_EQ(download<uint32_t>(buffer, 0, values.size()), values);
}

TEST_F(VulkanTest, MapsWhereTheHostCanSeeTheMemory) {
  ASSERT_NE(heap().flags & TN_HEAP_HOST_COHERENT, 0u) << "lavapipe's memory is the host's";
  tn_buffer* buffer = allocate(512);
  void* mapped = nullptr;
  ASSERT_EQ(api_->buffer_map(device_, buffer, 256, 8, TN_MAP_READ | TN_MAP_WRITE, &mapped), TN_OK);
  const uint32_t word = 42;
  std::memcpy(mapped, &word, 4);
  EXPECT_EQ(download<uint32_t>(buffer, 256, 1)[0], 42u);
  const tn_cmd_fill fill{head<tn_cmd_fill>(TN_CMD_FILL), buffer, 256, 4, 7, 0};
  run({&fill.head});
  uint32_t seen = 0;
  std::memcpy(&seen, mapped, 4);
  EXPECT_EQ(seen, 7u);
  EXPECT_EQ(api_->buffer_unmap(device_, buffer), TN_OK);
  EXPECT_EQ(api_->buffer_map(device_, buffer, 256, 512, TN_MAP_READ, &mapped), TN_ERR_INVALID);
}

TEST_F(VulkanTest, TimelinesOrderQueues) {
  tn_buffer* word = allocate(4);
  tn_queue *first = open_queue(), *second = open_queue();
  tn_timeline *written = make_timeline(), *done = make_timeline();
  uint32_t got = 0;
  const tn_cmd_fill fill{head<tn_cmd_fill>(TN_CMD_FILL), word, 0, 4, 5, 0};
  const tn_cmd_read read{head<tn_cmd_read>(TN_CMD_READ), word, 0, 4, &got};
  ASSERT_EQ(submit(first, {{&fill.head}, {}, {{written, 10}}}), TN_OK);
  ASSERT_EQ(submit(second, {{&read.head}, {{written, 10}}, {{done, 1}}}), TN_OK);
  ASSERT_EQ(wait(done, 1), TN_OK);
  EXPECT_EQ(got, 5u);
  EXPECT_EQ(query(written), 10u);
}

TEST_F(VulkanTest, NothingIsWaitedForThatIsNotSubmitted) {
  tn_timeline *gate = make_timeline(), *done = make_timeline();
  EXPECT_EQ(submit(queue_, {{}, {{gate, 1}}, {{done, 1}}}), TN_ERR_INVALID);
  EXPECT_NE(host_.last_error().find("nothing that was submitted"), std::string::npos);
  EXPECT_EQ(wait(gate, 1, 0), TN_ERR_INVALID);
  EXPECT_EQ(query(done), 0u) << "what was refused has promised nothing";
  ASSERT_EQ(signal(gate, 1), TN_OK);
  EXPECT_EQ(submit(queue_, {{}, {{gate, 1}}, {{done, 1}}}), TN_OK);
  EXPECT_EQ(wait(done, 1), TN_OK);
}

TEST_F(VulkanTest, OnlyRises) {
  tn_timeline* timeline = make_timeline(5);
  EXPECT_EQ(query(timeline), 5u);
  EXPECT_EQ(submit(queue_, {{}, {}, {{timeline, 5}}}), TN_ERR_INVALID);
  EXPECT_EQ(signal(timeline, 6), TN_OK);
  EXPECT_EQ(wait(timeline, 6, 0), TN_OK);
}

TEST_F(VulkanTest, CancelsWhatIsSubmittedTooLate) {
  tn_buffer* buffer = allocate(4);
  upload(buffer, 0, std::vector<uint32_t>{1});
  tn_timeline* done = make_timeline();
  const uint32_t cancel = 1;
  tn_status result = TN_OK;
  const tn_cmd_fill fill{head<tn_cmd_fill>(TN_CMD_FILL), buffer, 0, 4, 2, 0};
  ASSERT_EQ(submit(queue_, {{&fill.head}, {}, {{done, 1}}, &cancel, &result}), TN_OK);
  EXPECT_EQ(wait(done, 1), TN_OK);
  EXPECT_EQ(result, TN_ERR_CANCELLED);
  EXPECT_EQ(download<uint32_t>(buffer, 0, 1)[0], 1u);
}

TEST_F(VulkanTest, RefusesCommandsThatLeaveTheirBuffer) {
  tn_buffer *a = allocate(256), *b = allocate(256);
  tn_timeline* done = make_timeline();
  std::vector<uint8_t> bytes(512);
  const auto refused = [&](const tn_cmd& cmd) {
    EXPECT_EQ(submit(queue_, {{&cmd}, {}, {{done, 1}}}), TN_ERR_INVALID);
    EXPECT_FALSE(host_.last_error().empty());
  };
  for (const auto& [offset, size] : {std::pair<uint64_t, uint64_t>{0, 260},
                                     {253, 4},
                                     {256, 4},
                                     {260, 0},
                                     {2, 4},
                                     {UINT64_MAX - 3, 8},
                                     {4, UINT64_MAX - 3}}) {
    SCOPED_TRACE(testing::Message() << size << " bytes at " << offset);
    refused(tn_cmd_write{head<tn_cmd_write>(TN_CMD_WRITE), bytes.data(), a, offset, size}.head);
    refused(tn_cmd_read{head<tn_cmd_read>(TN_CMD_READ), a, offset, size, bytes.data()}.head);
    refused(tn_cmd_copy{head<tn_cmd_copy>(TN_CMD_COPY), a, offset, b, 0, size}.head);
    refused(tn_cmd_copy{head<tn_cmd_copy>(TN_CMD_COPY), b, 0, a, offset, size}.head);
  }
  refused(tn_cmd_fill{head<tn_cmd_fill>(TN_CMD_FILL), a, 256, 4, 0, 0}.head);
  refused(tn_cmd_copy{head<tn_cmd_copy>(TN_CMD_COPY), a, 0, a, 4, 8}.head);
  refused(tn_cmd_read{head<tn_cmd_read>(TN_CMD_READ), nullptr, 0, 4, bytes.data()}.head);
  refused(tn_cmd_read{head<tn_cmd_read>(TN_CMD_READ), a, 0, 4, nullptr}.head);
  refused(tn_cmd_read{{sizeof(tn_cmd), TN_CMD_READ}, a, 0, 4, bytes.data()}.head);
  const tn_cmd unknown{sizeof(tn_cmd), 99};
  EXPECT_EQ(submit(queue_, {{&unknown}, {}, {{done, 1}}}), TN_ERR_UNSUPPORTED);
  EXPECT_EQ(query(done), 0u);
}

}  // namespace
}  // namespace tenon::conformance
