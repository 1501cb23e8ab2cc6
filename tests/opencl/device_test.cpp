// What is OpenCL's own: the list of devices, memory, large copies, waiting with a limit, and that work
// of several queues is in order.
#include <unistd.h>

#include <filesystem>
#include <string_view>

#include "tests/sdk/foreign_device.hpp"

namespace tenon::conformance {
namespace {

class OpenclTest : public ForeignDevice {
 protected:
  tn_heap heap() const {
    tn_heap heap{};
    heap.struct_size = sizeof heap;
    uint32_t n = 0;
    EXPECT_EQ(api_->get_heaps(device_, &heap, sizeof heap, 1, &n), TN_OK);
    EXPECT_EQ(n, 1u);
    return heap;
  }
};

TEST_F(OpenclTest, ADeviceOfTheCpuSaysSo) {
  tn_device_info info{};
  info.struct_size = sizeof info;
  uint32_t n = 0;
  ASSERT_EQ(factory_->enumerate(backend_, &info, sizeof info, 1, &n), TN_OK);
  ASSERT_GE(n, 1u);
  EXPECT_EQ(info.unusable, nullptr);
  EXPECT_EQ(info.kind, uint32_t{TN_DEVICE_KIND_CPU}) << info.name;
  EXPECT_EQ(info.flags & TN_DEVICE_HOST_MEMORY, 0u);
  EXPECT_NE(std::string_view(info.name).find("Portable Computing Language"), std::string_view::npos)
      << info.name;
  EXPECT_GT(info.memory_total, 0u);
  EXPECT_GT(info.units, 0u);
  EXPECT_EQ(api_->buffer_map, nullptr);
  tn_device* none = nullptr;
  const tn_open_opts opts{sizeof opts, 0, 0, 0};
  EXPECT_EQ(factory_->open(backend_, n, &opts, &none), TN_ERR_NOT_FOUND);
}

TEST_F(OpenclTest, CountsItsMemory) {
  const tn_heap before = heap();
  EXPECT_EQ(before.alignment, 256u);
  EXPECT_LE(before.max_range, before.max_alloc);
  EXPECT_LE(before.budget, before.size);
  const uint64_t large = uint64_t{10} << 20;
  tn_buffer* buffer = nullptr;
  ASSERT_EQ(api_->buffer_alloc(device_, 0, large, TN_USAGE_ACTIVATIONS, &buffer), TN_OK);
  EXPECT_EQ(heap().budget, before.budget - large);
  api_->buffer_free(device_, buffer);
  EXPECT_EQ(heap().budget, before.budget);
  buffer = nullptr;
  for (const uint64_t size : {before.max_alloc + 1, UINT64_MAX, uint64_t{0}})
    EXPECT_EQ(api_->buffer_alloc(device_, 0, size, 0, &buffer), TN_ERR_INVALID) << size;
  EXPECT_EQ(api_->buffer_alloc(device_, 1, 64, 0, &buffer), TN_ERR_INVALID);
  EXPECT_EQ(buffer, nullptr);
}

TEST_F(OpenclTest, MovesMegabytes) {
  std::vector<uint32_t> values(3'000'000);
  for (uint32_t i = 0; i < values.size(); ++i) values[i] = i * 2654435761u;
  tn_buffer* buffer = allocate(values.size() * 4);
  upload(buffer, 0, values);
  EXPECT_EQ(download<uint32_t>(buffer, 0, values.size()), values);
}

TEST_F(OpenclTest, TimelinesOrderQueues) {
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

TEST_F(OpenclTest, WaitsWithALimitAndWithoutOne) {
  tn_timeline *gate = make_timeline(), *done = make_timeline(5);
  EXPECT_EQ(submit(queue_, {{}, {{gate, 1}}, {{done, 6}}}), TN_ERR_INVALID);
  EXPECT_EQ(wait(gate, 1, 0), TN_ERR_INVALID);
  EXPECT_EQ(query(done), 5u) << "what was refused has promised nothing";
  EXPECT_EQ(submit(queue_, {{}, {}, {{done, 5}}}), TN_ERR_INVALID) << "it does not rise";
  // So much that it has not ended when it is waited for.
  tn_buffer* buffer = allocate(uint64_t{64} << 20);
  const tn_cmd_fill fill{head<tn_cmd_fill>(TN_CMD_FILL), buffer, 0, uint64_t{64} << 20, 9, 0};
  const std::vector<const tn_cmd*> many(8, &fill.head);
  ASSERT_EQ(submit(queue_, {many, {}, {{done, 6}}}), TN_OK);
  const tn_status early = wait(done, 6, 1000);
  EXPECT_TRUE(early == TN_ERR_TIMEOUT || early == TN_OK) << early;
  EXPECT_EQ(wait(done, 6, UINT64_MAX), TN_OK);
  EXPECT_EQ(wait(done, 6, 0), TN_OK);
  EXPECT_EQ(download<uint32_t>(buffer, (uint64_t{64} << 20) - 4, 1)[0], 9u);
}

TEST_F(OpenclTest, CancelsWhatIsSubmittedTooLate) {
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

TEST_F(OpenclTest, RefusesCommandsThatLeaveTheirBuffer) {
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
  }
  refused(tn_cmd_fill{head<tn_cmd_fill>(TN_CMD_FILL), a, 256, 4, 0, 0}.head);
  refused(tn_cmd_copy{head<tn_cmd_copy>(TN_CMD_COPY), a, 0, a, 4, 8}.head);
  refused(tn_cmd_read{head<tn_cmd_read>(TN_CMD_READ), nullptr, 0, 4, bytes.data()}.head);
  const tn_cmd unknown{sizeof(tn_cmd), 99};
  EXPECT_EQ(submit(queue_, {{&unknown}, {}, {{done, 1}}}), TN_ERR_UNSUPPORTED);
  EXPECT_EQ(query(done), 0u);
}

// Of a plan with one kernel; then of the same plan on a device that is opened anew.
TEST_F(OpenclTest, KeepsWhatItBuilt) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / ("tenon_built_" + std::to_string(getpid()));
  const char* set = getenv("TENON_OPENCL_CACHE");
  const std::string before = set != nullptr ? set : "";
  const auto build = [&] {
    GraphBuilder g(host_);
    g.node(TN_OP_SILU, {g.tensor({4, 8}, 0)}, g.tensor({4, 8}, 4096));
    tn_plan* plan = nullptr;
    const tn_compile_opts opts{sizeof opts, 0, 0, 0, nullptr};
    ASSERT_EQ(api_->compile(device_, &g.graph(), &opts, &plan), TN_OK) << host_.last_error();
    api_->plan_free(device_, plan);
  };
  restart("TENON_OPENCL_CACHE", folder.c_str());
  build();
  ASSERT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);
  const fs::path kept = fs::directory_iterator(folder)->path();
  const auto written = fs::last_write_time(kept);
  restart("TENON_OPENCL_CACHE", folder.c_str());
  build();
  EXPECT_EQ(fs::last_write_time(kept), written) << "it was found";
  fs::resize_file(kept, fs::file_size(kept) / 2);
  restart("TENON_OPENCL_CACHE", folder.c_str());
  build();
  EXPECT_GT(fs::last_write_time(kept), written) << "a damaged one is built again";
  fs::remove_all(folder);
  setenv("TENON_OPENCL_CACHE", before.c_str(), 1);
}

}  // namespace
}  // namespace tenon::conformance
