// A timeline: a number that only rises, until a failure poisons it or its device is lost. It can be
// waited for only once the work that signals it was submitted, as events of many GPUs.
#pragma once

#include <tenon/abi/device.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace foreign {

class Timeline {
 public:
  Timeline(uint64_t initial, const std::atomic<bool>& lost)
      : value_(initial), promised_(initial), lost_(lost) {}

  // The status that poisoned it, else TN_OK and the value.
  tn_status query(uint64_t* value) const;
  // TN_ERR_INVALID: nothing that was submitted signals this value.
  tn_status wait(uint64_t value, uint64_t timeout_ns) const;
  // A submission that signals this value is accepted; TN_ERR_INVALID unless it rises.
  tn_status promise(uint64_t value);
  // Whether it has reached the value or will, as far as anybody knows.
  bool promised(uint64_t value) const;
  void signal(uint64_t value);
  // Keeps the first failure: a later one does not replace it.
  void poison(tn_status status);

 private:
  tn_status failure() const { return lost_ ? tn_status{TN_ERR_DEVICE_LOST} : poison_; }

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  uint64_t value_, promised_;
  tn_status poison_ = TN_OK;
  const std::atomic<bool>& lost_;
};

inline tn_timeline* handle(Timeline* t) { return reinterpret_cast<tn_timeline*>(t); }
inline Timeline* timeline(tn_timeline* t) { return reinterpret_cast<Timeline*>(t); }

}  // namespace foreign
