// Faults on request, for tests of hosts. The environment is read when a backend is created:
// TENON_FOREIGN_FAIL_AT=N  the Nth submission to a device of this backend fails; the device goes on
// TENON_FOREIGN_LOSE_AT=N  the Nth submission loses its device; one that is opened anew works
// Both show through timelines only, as everything that fails after submit.
// TENON_FOREIGN_MEMORY=N   bytes that each device has
// TENON_FOREIGN_TAKEN=N    bytes that somebody else takes of each, once the first weight is put
#pragma once

#include <tenon/abi/base.h>

#include <atomic>
#include <cstdint>

namespace foreign {

class Faults {
 public:
  static Faults from_environment();
  struct Plan {
    uint64_t fail_at = 0, lose_at = 0;  // 0: never
    uint64_t memory = uint64_t{2} << 30, taken = 0;
  };
  explicit Faults(const Plan& plan) : plan_(plan), capacity_(plan.memory) {}
  Faults(const Faults& other) : Faults(other.plan_) {}

  // Counts an accepted submission: how it will end, TN_OK if by itself. Any thread.
  tn_status next() {
    const uint64_t n = ++submissions_;
    if (n == plan_.lose_at) return TN_ERR_DEVICE_LOST;
    return n == plan_.fail_at ? TN_ERR_INTERNAL : TN_OK;
  }

  // Bytes of each device.
  const std::atomic<uint64_t>& capacity() const { return capacity_; }
  void take_memory() {
    if (!taken_.exchange(true))
      capacity_ -= plan_.taken < plan_.memory ? plan_.taken : plan_.memory;
  }

 private:
  Plan plan_;
  std::atomic<uint64_t> submissions_{0}, capacity_;
  std::atomic<bool> taken_{false};
};

}  // namespace foreign
