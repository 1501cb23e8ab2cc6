// Every function of Vulkan that may fail, at each of its calls: an error that says what failed, no
// crash, and a device that is opened anew works. Limits and memory that no device here has.
#include <gmock/gmock.h>

#include "scenario.hpp"
#include "tests/sdk/load_factory.hpp"

namespace tenon::conformance {
namespace {

using ::testing::HasSubstr;

class VulkanFaults : public testing::Test {
 protected:
  void SetUp() override {
    factory_ =
        load_factory<tn_backend_factory>(TENON_DEVICE_PLUGIN, TN_FACTORY_BACKEND, host_.table());
    ASSERT_NE(factory_, nullptr);
    if (const char* before = std::getenv("TENON_VULKAN_CACHE")) cache_ = before;
    setenv("TENON_VULKAN_CACHE", "", 1);  // what is remembered would hide faults
  }
  void TearDown() override {
    close();
    setenv("TENON_VULKAN_CACHE", cache_.c_str(), 1);
  }

  // Without the self-test, which would meet every fault first.
  void start(const char* variable, const std::string& value, const std::string& lies = "untested") {
    close();
    setenv("TENON_VULKAN_LIES", lies.c_str(), 1);
    setenv(variable, value.c_str(), 1);
    const tn_backend_opts none{sizeof none, 0};
    ASSERT_EQ(factory_->create(host_.table(), &none, &backend_), TN_OK);
    unsetenv(variable);
    unsetenv("TENON_VULKAN_LIES");
  }
  void close() {
    if (backend_ != nullptr) factory_->destroy(backend_);
    backend_ = nullptr;
  }
  Outcome run() { return Scenario(host_, *factory_, backend_).run(); }
  Outcome run_under(const std::string& lies) {
    start("TENON_VULKAN_LIES", "untested " + lies);
    return run();
  }

  // Until it passes several times: a call that fails may also be survived. Returns the failures.
  int fail_each(const std::string& function, const std::string& result) {
    int failures = 0;
    for (int n = 1, passed = 0; passed < 2; ++n) {
      SCOPED_TRACE(testing::Message() << function << " " << n << " " << result);
      EXPECT_LT(n, 60) << "it never passes";
      if (n == 60) break;
      start("TENON_VULKAN_FAIL", function + " " + std::to_string(n) + " " + result);
      const Outcome outcome = run();
      passed = outcome.status == TN_OK ? passed + 1 : 0;
      if (outcome.status == TN_OK) {
        EXPECT_TRUE(outcome.right());
        continue;
      }
      ++failures;
      EXPECT_THAT(outcome.why, HasSubstr(result)) << outcome.status;
      const Outcome next = run();
      EXPECT_TRUE(next.right()) << "the next device: " << next.why;
    }
    return failures;
  }

  TestHost host_;
  std::string cache_;
  const tn_backend_factory* factory_ = nullptr;
  tn_backend* backend_ = nullptr;
};

struct Failure {
  const char *function, *result;
  int at_least;  // so many calls fail the scenario
};
// Of functions that are called in pairs one stands for both.
constexpr Failure k_failures[] = {
    {"AllocateMemory", "OUT_OF_DEVICE_MEMORY", 2},
    {"MapMemory", "MEMORY_MAP_FAILED", 2},
    {"CreateBuffer", "OUT_OF_HOST_MEMORY", 2},
    {"BindBufferMemory", "OUT_OF_DEVICE_MEMORY", 2},
    {"CreateSemaphore", "OUT_OF_HOST_MEMORY", 1},
    {"CreateDescriptorSetLayout", "OUT_OF_HOST_MEMORY", 1},
    {"CreatePipelineLayout", "OUT_OF_HOST_MEMORY", 1},
    {"CreatePipelineCache", "OUT_OF_HOST_MEMORY", 1},
    {"CreateShaderModule", "OUT_OF_HOST_MEMORY", 1},
    {"CreateComputePipelines", "OUT_OF_DEVICE_MEMORY", 1},
    {"CreateDescriptorPool", "OUT_OF_DEVICE_MEMORY", 1},
    {"AllocateDescriptorSets", "OUT_OF_POOL_MEMORY", 1},
    {"CreateCommandPool", "OUT_OF_DEVICE_MEMORY", 2},
    {"ResetCommandPool", "OUT_OF_DEVICE_MEMORY", 1},
    {"AllocateCommandBuffers", "OUT_OF_DEVICE_MEMORY", 2},
    {"BeginCommandBuffer", "OUT_OF_DEVICE_MEMORY", 3},
    {"EndCommandBuffer", "OUT_OF_DEVICE_MEMORY", 3},
    {"QueueSubmit2", "OUT_OF_DEVICE_MEMORY", 3},
    {"QueueSubmit2", "DEVICE_LOST", 3},
    {"GetSemaphoreCounterValue", "OUT_OF_DEVICE_MEMORY", 1},
    {"GetSemaphoreCounterValue", "DEVICE_LOST", 1},
    {"DeviceWaitIdle", "DEVICE_LOST", 1},
};

TEST_F(VulkanFaults, EachCallThatFailsIsToldAndTheNextDeviceWorks) {
  for (const Failure& f : k_failures) {
    const int failures = fail_each(f.function, f.result);
    EXPECT_GE(failures, f.at_least) << f.function << ' ' << f.result;
  }
}

TEST_F(VulkanFaults, FailingForGoodEndsToo) {
  for (const char* fault :
       {"GetSemaphoreCounterValue 3+ OUT_OF_DEVICE_MEMORY", "QueueSubmit2 2+ OUT_OF_DEVICE_MEMORY",
        "DeviceWaitIdle 1+ DEVICE_LOST"}) {
    start("TENON_VULKAN_FAIL", fault);
    const Outcome outcome = run();
    EXPECT_NE(outcome.status, TN_OK) << fault;
    EXPECT_FALSE(outcome.why.empty()) << fault;
  }
}

// Nobody waits for work that has ended when it is asked about: here none ends.
TEST_F(VulkanFaults, AWaitThatFailsIsTold) {
  for (const std::string how : {"1 ", "1+ "})
    for (const std::string result : {"OUT_OF_DEVICE_MEMORY", "DEVICE_LOST"}) {
      start("TENON_VULKAN_FAIL", "WaitSemaphores " + how + result, "untested stuck=2 patience=200");
      const Outcome outcome = run();
      EXPECT_NE(outcome.status, TN_OK) << how << result;
      EXPECT_THAT(outcome.why, HasSubstr(result)) << how;
      start("TENON_VULKAN_LIES", "untested");
      const Outcome next = run();
      EXPECT_TRUE(next.right()) << "the next device: " << next.why;
    }
}

TEST_F(VulkanFaults, ASemaphoreThatStandsStillLosesTheDevice) {
  const Outcome outcome = run_under("stuck=2 patience=100");
  EXPECT_EQ(outcome.status, TN_ERR_DEVICE_LOST);
  EXPECT_THAT(outcome.why, HasSubstr("nothing that was submitted ends"));
}

TEST_F(VulkanFaults, SmallLimitsAndUnseenMemoryAreRight) {
  for (const char* lies : {"range=1048576 alignment=256", "discrete", "heap=67108864 no_budget",
                           "subgroup=0", "discrete heap=33554432 range=1048576"}) {
    const Outcome outcome = run_under(lies);
    EXPECT_TRUE(outcome.right()) << lies << ": " << outcome.why;
  }
}

TEST_F(VulkanFaults, AFullMemoryIsRefused) {
  const Outcome small = run_under("heap=100000");
  EXPECT_EQ(small.status, TN_ERR_OOM);
  EXPECT_THAT(small.why, HasSubstr("OUT_OF_DEVICE_MEMORY"));
  const Outcome none = run_under("budget=0");  // the cache is refused before anything is taken
  EXPECT_EQ(none.status, TN_ERR_OOM);
  EXPECT_THAT(none.why, HasSubstr("the memory of the device is full"));
}

TEST_F(VulkanFaults, ADeviceThatLacksSomethingSaysWhat) {
  struct Row {
    const char *lies, *why;
  };
  for (const Row& row : {Row{"no_intdot", "integer dot products"},
                         {"shared=16384", "32 KiB"},
                         {"invocations=128", "work-groups of 256"},
                         {"alignment=512", "256 bytes"}}) {
    const Outcome outcome = run_under(row.lies);
    EXPECT_EQ(outcome.status, TN_ERR_UNSUPPORTED) << row.lies;
    EXPECT_THAT(outcome.why, HasSubstr(row.why));
    tn_device_info info{};
    info.struct_size = sizeof info;
    uint32_t n = 0;
    ASSERT_EQ(factory_->enumerate(backend_, &info, sizeof info, 1, &n), TN_OK);
    ASSERT_NE(info.unusable, nullptr);
    EXPECT_THAT(info.unusable, HasSubstr(row.why));
  }
}

TEST_F(VulkanFaults, AMiscompiledKernelIsAnother) {
  start("TENON_VULKAN_MISCOMPILE", "add:mul");
  const Outcome outcome = run();
  EXPECT_EQ(outcome.status, TN_OK) << outcome.why;
  EXPECT_FALSE(outcome.right());
}

}  // namespace
}  // namespace tenon::conformance
