// Timeline: an atomic for the value, a gate for its waiters.
#include "backends/cpu/device/timeline.hpp"

#include <sched.h>

#include <cstdio>

namespace tenon::cpu {

namespace {

constexpr uint32_t k_pauses = 200;

uint64_t deadline_after(uint64_t timeout_ns) {
  uint64_t deadline = 0;
  if (__builtin_add_overflow(Gate::now_ns(), timeout_ns, &deadline)) return Gate::k_forever;
  return deadline;
}

}  // namespace

Timeline::~Timeline() {
  while (signallers_.load(std::memory_order_acquire) != 0) sched_yield();
}

tn_status Timeline::query(uint64_t* value) const {
  const tn_status poison = poison_.load(std::memory_order_acquire);
  if (poison != TN_OK) return poison;
  *value = value_.load(std::memory_order_acquire);
  return TN_OK;
}

tn_status Timeline::wait(uint64_t value, uint64_t timeout_ns) {
  const uint64_t deadline = timeout_ns == UINT64_MAX ? Gate::k_forever : deadline_after(timeout_ns);
  for (;;) {
    const uint32_t seen = changes_.value();  // before the check, so that no change is missed
    uint64_t now = 0;
    if (const tn_status status = query(&now); status != TN_OK) return status;
    if (now >= value) return TN_OK;
    if (timeout_ns == 0 || !changes_.wait_past(seen, k_pauses, deadline)) return TN_ERR_TIMEOUT;
  }
}

bool Timeline::signal(uint64_t value) {
  signallers_.fetch_add(1, std::memory_order_relaxed);
  uint64_t now = value_.load(std::memory_order_relaxed);
  while (now < value && !value_.compare_exchange_weak(now, value, std::memory_order_acq_rel)) {
  }
  if (now < value) changes_.advance();
  signallers_.fetch_sub(1, std::memory_order_release);
  return now < value;
}

void Timeline::poison(tn_status status, const char* why) {
  signallers_.fetch_add(1, std::memory_order_relaxed);
  if (!failing_.exchange(true, std::memory_order_acq_rel)) {
    std::snprintf(why_, sizeof why_, "%s", why);
    poison_.store(status, std::memory_order_release);
  }
  changes_.advance();
  signallers_.fetch_sub(1, std::memory_order_release);
}

}  // namespace tenon::cpu
