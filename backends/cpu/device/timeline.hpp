// A timeline: a number that only rises, and who waits for it.
#pragma once

#include <tenon/abi/device.h>

#include <atomic>
#include <cstdint>

#include "backends/cpu/device/gate.hpp"

namespace tenon::cpu {

class Timeline {
 public:
  explicit Timeline(uint64_t initial) : value_(initial) {}
  // Whoever saw the last signal may destroy the timeline while the signaller still wakes others.
  ~Timeline();
  Timeline(const Timeline&) = delete;
  Timeline& operator=(const Timeline&) = delete;

  // The status that poisoned it, else TN_OK and the value.
  tn_status query(uint64_t* value) const;
  tn_status wait(uint64_t value, uint64_t timeout_ns);
  // False when the timeline is already there.
  bool signal(uint64_t value);
  // Keeps the first failure: a later one does not replace it.
  void poison(tn_status status);

 private:
  std::atomic<uint64_t> value_;
  std::atomic<tn_status> poison_{TN_OK};
  std::atomic<uint32_t> signallers_{0};
  Gate changes_;
};

inline tn_timeline* handle(Timeline* timeline) { return reinterpret_cast<tn_timeline*>(timeline); }
inline Timeline* timeline(tn_timeline* handle) { return reinterpret_cast<Timeline*>(handle); }

}  // namespace tenon::cpu
