// Faults on request, for tests of hosts. The environment is read when a backend is created:
// TENON_FOREIGN_FAIL_AT=N  the Nth submission to a device of this backend fails; the device goes on
// TENON_FOREIGN_LOSE_AT=N  the Nth submission loses its device; one that is opened anew works
// Both show through timelines only, as everything that fails after submit.
#pragma once

#include <tenon/abi/base.h>

#include <atomic>
#include <cstdint>

namespace foreign {

class Faults {
 public:
  static Faults from_environment();
  Faults(uint64_t fail_at, uint64_t lose_at) : fail_at_(fail_at), lose_at_(lose_at) {}
  Faults(const Faults& other) : Faults(other.fail_at_, other.lose_at_) {}

  // Counts an accepted submission: how it will end, TN_OK if by itself. Any thread.
  tn_status next() {
    const uint64_t n = ++submissions_;
    if (n == lose_at_) return TN_ERR_DEVICE_LOST;
    return n == fail_at_ ? TN_ERR_INTERNAL : TN_OK;
  }

 private:
  uint64_t fail_at_, lose_at_;  // 0: never
  std::atomic<uint64_t> submissions_{0};
};

}  // namespace foreign
