// A plan of many dispatches is submitted in parts: what was cancelled between them does not run.
#include <tenon/abi/ops.h>

#include "vulkan_device.hpp"

namespace tenon::conformance {
namespace {

class VulkanCancel : public VulkanDevice {
 protected:
  static constexpr int64_t k_width = 64;
  static constexpr uint64_t k_part = 256;
  static constexpr uint32_t k_sums = 100;

  // x(i+1) = x(i) + 1
  tn_plan* compile() {
    GraphBuilder g(host_);
    const uint32_t one = g.tensor({k_width}, 0);
    uint32_t x = g.tensor({k_width}, k_part);
    for (uint32_t i = 0; i < k_sums; ++i) {
      const uint32_t y = g.tensor({k_width}, (2 + i) * k_part);
      g.node(TN_OP_ADD, {x, one}, y);
      x = y;
    }
    const tn_compile_opts opts{sizeof opts, 0, 0, 0, nullptr};
    tn_plan* plan = nullptr;
    EXPECT_EQ(api_->compile(device_, &g.graph(), &opts, &plan), TN_OK) << host_.last_error();
    return plan;
  }
  tn_cmd_execute execute(tn_plan* plan, const tn_binding& binding) {
    return {head<tn_cmd_execute>(TN_CMD_EXECUTE), plan, nullptr, &binding, nullptr, 1, 0, nullptr};
  }
  float last(tn_buffer* buffer) {
    return download<float>(buffer, (1 + k_sums) * k_part, k_width).back();
  }
};

TEST_F(VulkanCancel, BetweenParts) {
  tn_plan* plan = compile();
  tn_buffer* buffer = allocate((2 + k_sums) * k_part);
  const tn_binding binding{buffer, 0};
  const tn_cmd_execute cmd = execute(plan, binding);
  upload(buffer, 0, std::vector<float>((2 + k_sums) * k_width, 1.0f));
  tn_timeline *done = make_timeline(), *behind = make_timeline();
  uint32_t cancel = 0;
  tn_status result = TN_OK, next = TN_ERR_INTERNAL;
  ASSERT_EQ(submit(queue_, {{&cmd.head}, {}, {{done, 1}}, &cancel, &result}), TN_OK);
  const tn_cmd_fill fill{head<tn_cmd_fill>(TN_CMD_FILL), buffer, 0, 4, 0x40000000u, 0};
  ASSERT_EQ(submit(queue_, {{&fill.head}, {}, {{behind, 1}}, nullptr, &next}), TN_OK);
  __atomic_store_n(&cancel, 1u, __ATOMIC_RELAXED);
  EXPECT_EQ(wait(behind, 1), TN_OK) << host_.last_error();
  EXPECT_EQ(wait(done, 1, 0), TN_OK) << "it signals all the same";
  EXPECT_EQ(result, TN_ERR_CANCELLED);
  EXPECT_EQ(next, TN_OK);
  EXPECT_EQ(last(buffer), 1.0f) << "the last part did not run";
  api_->plan_free(device_, plan);
}

TEST_F(VulkanCancel, PartsGiveWhatTheWholeGives) {
  tn_plan* plan = compile();
  tn_buffer* buffer = allocate((2 + k_sums) * k_part);
  const tn_binding binding{buffer, 0};
  const tn_cmd_execute cmd = execute(plan, binding);
  for (int round = 0; round < 8; ++round) {
    upload(buffer, 0, std::vector<float>((2 + k_sums) * k_width, 1.0f));
    run({&cmd.head, &cmd.head});  // the second comes behind all parts of the first
    ASSERT_EQ(last(buffer), 1.0f + k_sums) << round;
  }
  // Quick as they are they have become one part, which is not cancelled half-way.
  upload(buffer, 0, std::vector<float>((2 + k_sums) * k_width, 1.0f));
  tn_timeline* done = make_timeline();
  uint32_t cancel = 0;
  tn_status result = TN_ERR_INTERNAL;
  ASSERT_EQ(submit(queue_, {{&cmd.head}, {}, {{done, 1}}, &cancel, &result}), TN_OK);
  __atomic_store_n(&cancel, 1u, __ATOMIC_RELAXED);
  EXPECT_EQ(wait(done, 1), TN_OK);
  EXPECT_EQ(result, TN_OK);
  EXPECT_EQ(last(buffer), 1.0f + k_sums);
  api_->plan_free(device_, plan);
}

TEST_F(VulkanCancel, ClosingAQueueEndsAllParts) {
  tn_plan* plan = compile();
  tn_buffer* buffer = allocate((2 + k_sums) * k_part);
  const tn_binding binding{buffer, 0};
  const tn_cmd_execute cmd = execute(plan, binding);
  upload(buffer, 0, std::vector<float>((2 + k_sums) * k_width, 1.0f));
  tn_queue* other = open_queue();
  tn_timeline* done = make_timeline();
  ASSERT_EQ(submit(other, {{&cmd.head}, {}, {{done, 1}}}), TN_OK);
  close(other);
  EXPECT_EQ(query(done), 1u);
  EXPECT_EQ(last(buffer), 1.0f + k_sums);
  api_->plan_free(device_, plan);
}

}  // namespace
}  // namespace tenon::conformance
