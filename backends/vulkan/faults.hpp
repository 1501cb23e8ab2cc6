// Faults on request, for tests. The environment is read when a backend is created:
// TENON_VULKAN_FAIL_AT=N   the Nth submission to a device of this backend fails; the device goes on
// TENON_VULKAN_LOSE_AT=N   the Nth submission loses its device; one that is opened anew works
// TENON_VULKAN_NO_MEMORY_AT=N   the Nth allocation of device memory fails
#pragma once

#include <tenon/abi/base.h>

#include <atomic>
#include <cstdint>

namespace tenon::vulkan {

class Faults {
 public:
  Faults();

  // Counts an accepted submission: how it will end, TN_OK if by itself. Any thread.
  tn_status next_submission();
  bool next_allocation_fails() { return ++allocations_ == no_memory_at_; }

 private:
  uint64_t fail_at_, lose_at_, no_memory_at_;  // 0: never
  std::atomic<uint64_t> submissions_{0}, allocations_{0};
};

}  // namespace tenon::vulkan
