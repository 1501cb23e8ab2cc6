// The table of functions lies on request, for tests of what no device here does by itself. Asked for by
// the environment when a backend is created:
// …_LIES  words with spaces between them:
//   range=N alignment=N shared=N invocations=N  limits of the device
//   heap=N       bytes of each heap, of which no more can be allocated
//   budget=N     bytes that VK_EXT_memory_budget shows as free; no_budget: it is absent
//   subgroup=N   size of subgroups; no_intdot: no integer dot products
//   discrete     the device's own memory cannot be seen by the host (of a device with one type)
//   stuck=N      the semaphore never reaches N
//   untested     kernels are used without a self-test
//   patience=N   milliseconds without progress after which the device counts as lost
// …_FAIL=FUNCTION N[+] RESULT  the Nth call of a function (from there on: N+) does not happen and has
//   that result: "AllocateMemory 3 OUT_OF_DEVICE_MEMORY"
// …_MISCOMPILE=A:B  the driver makes of kernel A what kernel B does
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "api.hpp"

namespace tenon::vulkan {

class Lies {
 public:
  explicit Lies(const std::string& prefix);
  Lies(const Lies&) = delete;
  Lies& operator=(const Lies&) = delete;

  // They live no longer than this.
  void tell(InstanceApi& api);
  void tell(DeviceApi& api);
  // All that was asked for; "" if nothing was. What is remembered of a device depends on it.
  const std::string& text() const { return text_; }
  std::optional<std::chrono::milliseconds> patience() const;
  bool has(const char* word) const { return words_.contains(word); }

 private:
  std::optional<uint64_t> number(const char* word) const;
  void change(VkPhysicalDeviceProperties2& properties) const;
  void change(VkPhysicalDeviceMemoryProperties2& memory) const;
  void tell_of_extensions(InstanceApi& api) const;
  void tell_of_memory(DeviceApi& api);
  void tell_of_semaphore(DeviceApi& api, uint64_t most) const;
  void miscompile(DeviceApi& api) const;
  VkResult next_result();

  std::string text_;
  std::map<std::string, std::string> words_;  // of …_LIES, with what follows "="
  std::string failing_, miscompiled_, compiled_;
  uint64_t fail_at_ = 0;
  bool for_good_ = false;
  VkResult result_ = VK_SUCCESS;
  std::atomic<uint64_t> calls_{0};
  std::mutex mutex_;
  std::map<VkDeviceMemory, uint64_t> allocated_;
  uint64_t used_ = 0;  // their sum
};

}  // namespace tenon::vulkan
