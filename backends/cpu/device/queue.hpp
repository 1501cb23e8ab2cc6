// A queue: submit checks everything, then waits, works and signals on the calling thread.
#pragma once

#include <tenon/sdk/device.hpp>

#include "backends/cpu/device/error.hpp"
#include "backends/cpu/device/thread_pool.hpp"

namespace tenon::cpu {

class Queue {
 public:
  Queue(const tn_host* host, ThreadPool& pool) : host_(host), pool_(pool) {}

  // Refuses what is not valid, and then changes nothing. What fails later is told by the timelines
  // that it signals, not here.
  tn_status submit(const tn_submit* submit);

 private:
  tn_status check(const tn_submit* submit) const;
  tn_status check_points(const tn_submit& submit) const;
  tn_status await(const tn_submit& submit, Reason& why) const;
  tn_status work(const tn_submit& submit, Reason& why);

  const tn_host* host_;
  ThreadPool& pool_;
};

inline tn_queue* handle(Queue* queue) { return reinterpret_cast<tn_queue*>(queue); }
inline Queue* queue(tn_queue* handle) { return reinterpret_cast<Queue*>(handle); }

}  // namespace tenon::cpu
