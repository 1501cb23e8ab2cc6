// How a plan is cut into parts that are submitted one by one, so that between them it can be cancelled
// and no watchdog of a driver bites. Measured, not estimated: first many small parts; those that were
// quick are joined, those that took more than 50 ms are halved.
#pragma once

#include <cstdint>
#include <vector>

namespace tenon::vulkan {

class Pace {
 public:
  // The groups at which parts begin, of a recording of so many groups.
  std::vector<uint32_t> begins(uint32_t n_groups);

  // An execution was accepted; it has ended, whatever became of it.
  void began() { ++in_flight_; }
  void ended() { --in_flight_; }
  bool idle() const { return in_flight_ == 0; }
  // A part has ended after that time, or the time in which nobody looked.
  void took(uint32_t part, uint64_t ns);
  // True: the parts are others from now on. Only when idle: what was recorded is of no use then.
  bool adapt();

 private:
  struct Part {
    uint32_t begin;
    uint64_t ns = UINT64_MAX;  // the least of what was measured
    uint32_t times = 0;
  };
  std::vector<Part> parts_;
  uint32_t n_groups_ = 0;
  uint32_t in_flight_ = 0;
};

}  // namespace tenon::vulkan
