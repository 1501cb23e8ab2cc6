// The self-test: a kernel that the driver miscompiles is dropped with a reason that is shown; what a
// test has found is remembered.
#include <gmock/gmock.h>

#include "cache_folder.hpp"

namespace tenon::conformance {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class VulkanSelfTest : public VulkanCacheFolder {
 protected:
  void miscompile(const char* kernels) {
    setenv("TENON_VULKAN_MISCOMPILE", kernels, 1);
    start();
    unsetenv("TENON_VULKAN_MISCOMPILE");
  }
  std::string name() {
    tn_device_info info{};
    info.struct_size = sizeof info;
    uint32_t n = 0;
    EXPECT_EQ(factory_->enumerate(backend_, &info, sizeof info, 1, &n), TN_OK);
    return info.name;
  }
  // What an opened device says of silu; "": it takes it.
  std::string why_not_silu() {
    tn_device* device = nullptr;
    const tn_open_opts opts{sizeof opts, 0, 0, 0};
    EXPECT_EQ(factory_->open(backend_, 0, &opts, &device), TN_OK) << host_.last_error();
    GraphBuilder g(host_);
    const uint32_t x = g.tensor({4, 8}, 0);
    g.node(TN_OP_SILU, {x}, g.tensor({4, 8}, 256));
    const tn_tensor* operands[] = {&g[0], &g[1]};
    const tn_node_query query{sizeof query, 1, host_.table(), g.graph().nodes, operands, 1, 0};
    tn_support answer{sizeof answer, TN_SUPPORT_NO, nullptr};
    host_.set_error("it says nothing");
    EXPECT_EQ(factory_->api->supports(device, &query, &answer), TN_OK);
    factory_->api->close(device);
    return answer.verdict == TN_SUPPORT_YES ? "" : host_.last_error();
  }
};

TEST_F(VulkanSelfTest, AGoodDriverLosesNothing) {
  EXPECT_EQ(why_not_silu(), "");
  EXPECT_THAT(name(), Not(HasSubstr("without")));
  const fs::path known = file("self-test");
  ASSERT_FALSE(known.empty());
  const auto time = fs::last_write_time(known);
  EXPECT_EQ(why_not_silu(), "");
  EXPECT_EQ(fs::last_write_time(known), time) << "it was known";
}

TEST_F(VulkanSelfTest, AKernelThatIsWrongIsDroppedAndNamed) {
  miscompile("silu:gelu_tanh");
  EXPECT_THAT(name(), Not(HasSubstr("without"))) << "nothing was tested yet";
  const std::string why = why_not_silu();
  EXPECT_THAT(why, HasSubstr("self-test: "));
  EXPECT_THAT(why, HasSubstr("of 1500 values differ from the mirror's"));
  EXPECT_THAT(name(), HasSubstr("; without silu (" + why + ")"));
  EXPECT_TRUE(works()) << "the others are used";
  miscompile("silu:gelu_tanh");
  EXPECT_THAT(name(), HasSubstr("without silu")) << "another process knows it too";
}

TEST_F(VulkanSelfTest, FamiliesAreDroppedAlone) {
  for (const char* kernels :
       {"matmul_q4_0:matmul_iq4_nl", "rms_norm:layer_norm", "attention_merge:copy"}) {
    miscompile(kernels);
    EXPECT_EQ(why_not_silu(), "") << kernels;
    const std::string all = name(),
                      wrong = std::string(kernels).substr(0, std::string(kernels).find(':'));
    EXPECT_THAT(all, HasSubstr("without " + wrong + " ("));
    const bool alone = wrong.find("attention") == std::string::npos;
    EXPECT_TRUE(!alone || all.find("without") == all.rfind("without")) << all;
  }
}

}  // namespace
}  // namespace tenon::conformance
