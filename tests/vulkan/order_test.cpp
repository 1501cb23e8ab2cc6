// A barrier that is missing: nothing shows it on a device that runs dispatches one after another, until
// each group is recorded backwards.
#include <tenon/abi/ops.h>

#include "vulkan_device.hpp"

namespace tenon::conformance {
namespace {

std::string& log_text() {
  static std::string text;
  return text;
}

class VulkanOrder : public VulkanDevice {
 protected:
  static constexpr int64_t k_width = 64;
  static constexpr uint64_t k_part = 256;

  void SetUp() override {
    VulkanDevice::SetUp();
    // The table is a member of host_, which is no constant.
    const_cast<tn_host*>(host())->log = [](void*, int32_t, const char*, const char* text) {
      log_text() += std::string(text) + '\n';
    };
  }
  void TearDown() override {
    unsetenv("TENON_VULKAN_DROP_BARRIER");
    VulkanDevice::TearDown();
  }

  // Three groups: two pairs of sums, then one of what the last two give.
  std::vector<float> sum(const char* order, const char* drop) {
    log_text().clear();
    if (drop != nullptr) setenv("TENON_VULKAN_DROP_BARRIER", drop, 1);
    restart("TENON_VULKAN_ORDER", order);
    unsetenv("TENON_VULKAN_DROP_BARRIER");
    GraphBuilder g(host_);
    const auto add = [&](uint32_t a, uint32_t b, uint64_t at, const char* name) {
      const uint32_t c = g.tensor({k_width}, at * k_part);
      g.node(TN_OP_ADD, {a, b}, c);
      g.call(name);
      return c;
    };
    const uint32_t a = g.tensor({k_width}, 0), b = g.tensor({k_width}, k_part);
    const uint32_t c = add(a, b, 2, "c"), d = add(b, b, 3, "d");
    const uint32_t e = add(c, b, 4, "e"), f = add(d, c, 5, "f");
    add(e, f, 6, "g");
    const tn_compile_opts opts{sizeof opts, 0, 0, 0, nullptr};
    tn_plan* plan = nullptr;
    EXPECT_EQ(api_->compile(device_, &g.graph(), &opts, &plan), TN_OK) << host_.last_error();
    tn_buffer* buffer = allocate(7 * k_part);
    upload(buffer, 0, std::vector<float>(7 * k_width, 1.0f));
    const tn_binding binding{buffer, 0};
    const tn_cmd_execute cmd{
        head<tn_cmd_execute>(TN_CMD_EXECUTE), plan, nullptr, &binding, nullptr, 1, 0, nullptr};
    run({&cmd.head});
    const auto got = download<float>(buffer, 6 * k_part, k_width);
    api_->plan_free(device_, plan);
    return got;
  }
};

const std::vector<float> k_right(64, 7.0f);

TEST_F(VulkanOrder, AnyOrderWithinGroupsIsRight) {
  for (const char* order : {"", "reverse", "shuffle"}) EXPECT_EQ(sum(order, nullptr), k_right);
}

TEST_F(VulkanOrder, AMissingBarrierIsShownAndNamed) {
  EXPECT_EQ(sum("", "1"), k_right) << "as recorded, nothing shows";
  EXPECT_NE(sum("reverse", "1"), k_right);
  EXPECT_NE(sum("reverse:0", "1"), k_right);
  EXPECT_NE(log_text().find("group 0 of 2, which lost a barrier: f e d c"), std::string::npos)
      << log_text();
  EXPECT_EQ(sum("reverse:1", "1"), k_right);
  EXPECT_NE(sum("reverse:1", "2"), k_right);
  EXPECT_NE(log_text().find("group 1 of 2, which lost a barrier: g f e"), std::string::npos)
      << log_text();
}

}  // namespace
}  // namespace tenon::conformance
