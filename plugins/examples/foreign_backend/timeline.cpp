// Waiters sleep on a condition variable. It is notified under the lock, so that whoever saw the
// last signal may destroy the timeline at once.
#include "timeline.hpp"

#include <algorithm>
#include <chrono>

namespace foreign {

namespace {
constexpr uint64_t k_forever_ns = uint64_t{1} << 60;  // 36 years: no clock overflows
}

tn_status Timeline::query(uint64_t* value) const {
  const std::lock_guard lock(mutex_);
  if (poison_ == TN_OK) *value = value_;
  return poison_;
}

tn_status Timeline::wait(uint64_t value, uint64_t timeout_ns) const {
  std::unique_lock lock(mutex_);
  const std::chrono::nanoseconds timeout(std::min(timeout_ns, k_forever_ns));
  const bool settled =
      changed_.wait_for(lock, timeout, [&] { return poison_ != TN_OK || value_ >= value; });
  return settled ? poison_ : tn_status{TN_ERR_TIMEOUT};
}

tn_status Timeline::signal(uint64_t value) {
  const std::lock_guard lock(mutex_);
  if (value <= value_) return TN_ERR_INVALID;
  value_ = value;
  changed_.notify_all();
  return TN_OK;
}

void Timeline::poison(tn_status status) {
  const std::lock_guard lock(mutex_);
  if (poison_ == TN_OK) poison_ = status;
  changed_.notify_all();
}

}  // namespace foreign
