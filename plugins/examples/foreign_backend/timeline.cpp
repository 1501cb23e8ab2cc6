// Waiters sleep on a condition variable. It is notified under the lock, so that whoever saw the
// last signal may destroy the timeline at once.
#include "timeline.hpp"

#include <algorithm>
#include <chrono>

namespace foreign {

namespace {
constexpr uint64_t k_forever_ns = uint64_t{1} << 60;  // 36 years: no clock overflows
constexpr uint64_t k_poll_ns = 2'000'000;             // how late a loss of the device may be seen
}  // namespace

tn_status Timeline::query(uint64_t* value) const {
  const std::lock_guard lock(mutex_);
  if (failure() == TN_OK) *value = value_;
  return failure();
}

tn_status Timeline::wait(uint64_t value, uint64_t timeout_ns) const {
  std::unique_lock lock(mutex_);
  const auto settled = [&] { return failure() != TN_OK || value_ >= value; };
  if (!settled() && value > promised_) return TN_ERR_INVALID;
  for (uint64_t left = std::min(timeout_ns, k_forever_ns); !settled();) {
    const uint64_t slice = std::min(left, k_poll_ns);
    changed_.wait_for(lock, std::chrono::nanoseconds(slice), settled);
    left -= slice;
    if (left == 0) break;
  }
  return settled() ? failure() : tn_status{TN_ERR_TIMEOUT};
}

tn_status Timeline::promise(uint64_t value) {
  const std::lock_guard lock(mutex_);
  if (value <= promised_) return TN_ERR_INVALID;
  promised_ = value;
  return TN_OK;
}

bool Timeline::promised(uint64_t value) const {
  const std::lock_guard lock(mutex_);
  return value <= promised_;
}

void Timeline::signal(uint64_t value) {
  const std::lock_guard lock(mutex_);
  value_ = std::max(value_, value);
  changed_.notify_all();
}

void Timeline::poison(tn_status status) {
  const std::lock_guard lock(mutex_);
  if (poison_ == TN_OK) poison_ = status;
  changed_.notify_all();
}

}  // namespace foreign
