// Failures, full memory and a lost device: told by timelines and statuses, and nothing crashes.
#include "vulkan_device.hpp"

namespace tenon::conformance {
namespace {

class VulkanLoss : public VulkanDevice {};

TEST_F(VulkanLoss, AFailurePoisonsItsSignalsAndWhatWaitsForThem) {
  restart(TENON_FAULTS "_FAIL_AT", "2");
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
  EXPECT_EQ(query(next), 1000u + TN_ERR_INTERNAL);
  EXPECT_NE(host_.last_error().find("failed"), std::string::npos);
  EXPECT_EQ(results, std::vector<tn_status>(2, TN_ERR_INTERNAL));
  EXPECT_EQ(download<uint32_t>(buffer, 0, 1)[0], 1u);  // and the queue goes on
}

TEST_F(VulkanLoss, ALostDeviceSaysSoUntilItIsOpenedAnew) {
  restart(TENON_FAULTS "_LOSE_AT", "3");
  tn_buffer* buffer = allocate(4);
  upload(buffer, 0, std::vector<uint32_t>{1});
  tn_timeline *before = make_timeline(), *done = make_timeline(), *other = make_timeline();
  tn_status result = TN_OK;
  const tn_cmd_fill fill{head<tn_cmd_fill>(TN_CMD_FILL), buffer, 0, 4, 2, 0};
  ASSERT_EQ(submit(queue_, {{&fill.head}, {}, {{before, 1}}}), TN_OK);
  ASSERT_EQ(submit(queue_, {{&fill.head}, {}, {{done, 1}}, nullptr, &result}), TN_OK);
  EXPECT_EQ(wait(done, 1), TN_ERR_DEVICE_LOST);
  EXPECT_NE(host_.last_error().find("lost"), std::string::npos);
  EXPECT_EQ(result, TN_ERR_DEVICE_LOST);
  EXPECT_EQ(query(before), 1000u + TN_ERR_DEVICE_LOST) << "other timelines too";
  EXPECT_EQ(submit(queue_, {{&fill.head}, {}, {{other, 1}}}), TN_ERR_DEVICE_LOST);
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

TEST_F(VulkanLoss, AFullMemoryIsToldAndTheDeviceGoesOn) {
  restart(TENON_FAULTS "_NO_MEMORY_AT", "1");
  tn_buffer* buffer = nullptr;
  EXPECT_EQ(api_->buffer_alloc(device_, 0, 64, TN_USAGE_ACTIVATIONS, &buffer), TN_ERR_OOM);
  EXPECT_EQ(buffer, nullptr);
  EXPECT_NE(host_.last_error().find("a fault on request"), std::string::npos);
  buffer = allocate(64);
  upload(buffer, 0, std::vector<uint32_t>{1});
}

}  // namespace
}  // namespace tenon::conformance
