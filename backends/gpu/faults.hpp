// Faults on request, for tests. The environment is read when a backend is created; its names begin
// with the prefix that the backend has:
// …_FAIL_AT=N        the Nth submission to a device of this backend fails; the device goes on
// …_LOSE_AT=N        the Nth submission loses its device; one that is opened anew works
// …_NO_MEMORY_AT=N   the Nth allocation of device memory fails
// …_MAX_RANGE=BYTES  devices say that a kernel reads no more of one operand (OpenCL; Vulkan: lies.hpp)
#pragma once

#include <tenon/abi/base.h>

#include <atomic>
#include <cstdint>
#include <string>

namespace tenon::gpu {

class Faults {
 public:
  explicit Faults(const std::string& prefix);

  // Whether anything fails on request.
  bool any() const { return (fail_at_ | lose_at_ | no_memory_at_) != 0; }
  // Counts an accepted submission: how it will end, TN_OK if by itself. Any thread.
  tn_status next_submission();
  uint64_t max_range() const { return max_range_ != 0 ? max_range_ : UINT64_MAX; }
  bool next_allocation_fails() { return ++allocations_ == no_memory_at_; }

 private:
  uint64_t fail_at_, lose_at_, no_memory_at_, max_range_;  // 0: never
  std::atomic<uint64_t> submissions_{0}, allocations_{0};
};

}  // namespace tenon::gpu
