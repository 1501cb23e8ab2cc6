// A timeline as the host sees it. The device has one semaphore, which counts submissions; a timeline
// knows which of them signals which of its values. So results are in place when a value shows.
#pragma once

#include <tenon/abi/device.h>

#include <vector>

namespace tenon::vulkan {

// Guarded by the mutex of its stream.
struct Timeline {
  explicit Timeline(uint64_t initial) : value(initial), promised(initial) {}

  // A value that the submission with this ticket signals.
  struct Pending {
    uint64_t value, ticket;
  };
  // The ticket of the first submission after which `wanted` is reached; 0: none that was accepted.
  uint64_t ticket_for(uint64_t wanted) const;
  // A submission that signals `reached` has ended.
  void reach(uint64_t reached);

  uint64_t value, promised;
  std::vector<Pending> pending;  // rising
  tn_status poison = TN_OK;      // the first failure stays
};

inline tn_timeline* handle(Timeline* t) { return reinterpret_cast<tn_timeline*>(t); }
inline Timeline* timeline(tn_timeline* t) { return reinterpret_cast<Timeline*>(t); }

}  // namespace tenon::vulkan
