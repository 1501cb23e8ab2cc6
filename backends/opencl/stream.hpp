// The order of all work of a device: one queue in order, one mutex. The host's queues share it, so
// what they wait for comes before them by itself.
#pragma once

#include <deque>
#include <mutex>

#include "backends/gpu/timeline.hpp"
#include "job.hpp"
#include "memory.hpp"

namespace tenon::opencl {

using gpu::Timeline;

class Stream {
 public:
  Stream(Gpu& gpu, Memory& memory) : gpu_(gpu), memory_(memory) {}
  ~Stream() { drain(); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  tn_status query(Timeline& timeline, uint64_t* value);
  tn_status wait(Timeline& timeline, uint64_t value, uint64_t timeout_ns);
  // Checks everything, then enqueues; refused work changes nothing.
  tn_status submit(const tn_submit& work);
  // Until everything that was submitted has ended.
  void drain();

 private:
  tn_status check_points(const tn_submit& work, tn_status& poisoned) const;
  void send(const tn_submit& work, tn_status early);
  tn_status enqueue(const tn_submit& work, Job& job);
  std::unique_ptr<Job> take_job();
  void retire();
  void end_first(tn_status status);
  void fail_all();
  tn_status await(uint64_t ticket, uint64_t timeout_ns);

  Gpu& gpu_;
  Memory& memory_;
  std::mutex mutex_;
  uint64_t last_ticket_ = 0;
  std::deque<std::unique_ptr<Job>> flying_;  // by ticket
  std::vector<std::unique_ptr<Job>> idle_;   // used again, so that a step allocates little
};

}  // namespace tenon::opencl
