// A count that threads wait on: first by pausing, then by yielding, then asleep in the kernel.
#pragma once

#include <atomic>
#include <cstdint>

namespace tenon::cpu {

class Gate {
 public:
  static constexpr uint64_t k_forever = UINT64_MAX;

  uint32_t value() const { return value_.load(std::memory_order_acquire); }
  // Everything written before is visible to whoever sees the new value. Never sleeps.
  void advance();
  // Returns when the value is not `seen` any more, or false at the deadline (steady clock, ns).
  bool wait_past(uint32_t seen, uint32_t pauses, uint64_t deadline_ns = k_forever) {
    for (uint32_t i = 0; i < pauses; ++i) {
      if (value() != seen) return true;
      __builtin_ia32_pause();
    }
    return wait_longer(seen, deadline_ns);
  }

  static uint64_t now_ns();

 private:
  bool wait_longer(uint32_t seen, uint64_t deadline_ns);
  bool sleep(uint32_t seen, uint64_t deadline_ns);

  std::atomic<uint32_t> value_{0};
  std::atomic<uint32_t> sleepers_{0};
};

}  // namespace tenon::cpu
