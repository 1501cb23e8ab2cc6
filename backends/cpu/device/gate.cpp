// Gate: the slow half, yields and the futex.
#include "backends/cpu/device/gate.hpp"

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

namespace tenon::cpu {

namespace {

// Between two tokens the host samples and streams: shorter than this. Longer is idle, and parks.
constexpr uint64_t k_yield_ns = 1'000'000;

}  // namespace

uint64_t Gate::now_ns() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(t.tv_nsec);
}

void Gate::advance() {
  // Sequentially consistent with the order in sleep():
  // either the sleeper sees the new value, or we see the sleeper.
  value_.fetch_add(1, std::memory_order_seq_cst);
  if (sleepers_.load(std::memory_order_seq_cst) != 0) {
    syscall(SYS_futex, &value_, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
  }
}

bool Gate::wait_longer(uint32_t seen, uint64_t deadline_ns) {
  const uint64_t end = std::min(deadline_ns, now_ns() + k_yield_ns);
  do {
    if (value() != seen) return true;
    sched_yield();  // a peer may be waiting for this very core
  } while (now_ns() < end);
  return sleep(seen, deadline_ns);
}

bool Gate::sleep(uint32_t seen, uint64_t deadline_ns) {
  const timespec until = {static_cast<time_t>(deadline_ns / 1'000'000'000u),
                          static_cast<long>(deadline_ns % 1'000'000'000u)};
  const timespec* limit = deadline_ns == k_forever ? nullptr : &until;
  sleepers_.fetch_add(1, std::memory_order_seq_cst);
  bool changed = false;
  while (!(changed = value_.load(std::memory_order_seq_cst) != seen) &&
         (limit == nullptr || now_ns() < deadline_ns)) {
    syscall(SYS_futex, &value_, FUTEX_WAIT_BITSET_PRIVATE, seen, limit, nullptr,
            FUTEX_BITSET_MATCH_ANY);
  }
  sleepers_.fetch_sub(1, std::memory_order_relaxed);
  return changed;
}

}  // namespace tenon::cpu
