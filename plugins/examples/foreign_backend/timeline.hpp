// A timeline: a number that only rises, until a failure poisons it.
#pragma once

#include <tenon/abi/device.h>

#include <condition_variable>
#include <mutex>

namespace foreign {

class Timeline {
 public:
  explicit Timeline(uint64_t initial) : value_(initial) {}

  // The status that poisoned it, else TN_OK and the value.
  tn_status query(uint64_t* value) const;
  tn_status wait(uint64_t value, uint64_t timeout_ns) const;
  // TN_ERR_INVALID unless it rises.
  tn_status signal(uint64_t value);
  // Keeps the first failure: a later one does not replace it.
  void poison(tn_status status);

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  uint64_t value_;
  tn_status poison_ = TN_OK;
};

inline tn_timeline* handle(Timeline* t) { return reinterpret_cast<tn_timeline*>(t); }
inline Timeline* timeline(tn_timeline* t) { return reinterpret_cast<Timeline*>(t); }

}  // namespace foreign
