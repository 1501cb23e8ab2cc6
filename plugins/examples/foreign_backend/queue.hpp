// A queue: its own thread works through the submissions in order and signals when they are done.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <tenon/sdk/device.hpp>
#include <thread>
#include <vector>

#include "commands.hpp"
#include "faults.hpp"

namespace foreign {

// What a queue uses of its device, which outlives it.
struct QueueOwner {
  const tn_host* host;
  const Memory& memory;
  Faults& faults;
  std::atomic<bool>& lost;
};

class Queue {
 public:
  explicit Queue(const QueueOwner& owner) : owner_(owner), thread_([this] { loop(); }) {}
  // Cancels what has not begun, and returns when all of it has signalled.
  ~Queue();

  // Checks and copies; a submission that is refused changes nothing.
  tn_status submit(const tn_submit* submit);

 private:
  struct Job {
    std::vector<tn_point> waits, signals;
    std::vector<Work> work;
    const uint32_t* cancel = nullptr;
    tn_status* result = nullptr;
    tn_status fault = TN_OK;
  };

  tn_status check_points(const Job& job) const;
  void loop();
  bool take(Job& job);
  tn_status run(const Job& job);
  tn_status await(const Job& job) const;
  void finish(const Job& job, tn_status status) const;

  QueueOwner owner_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Job> jobs_;
  std::atomic<bool> closing_{false};
  std::thread thread_;  // last: it uses the others
};

inline tn_queue* handle(Queue* queue) { return reinterpret_cast<tn_queue*>(queue); }
inline Queue* queue(tn_queue* handle) { return reinterpret_cast<Queue*>(handle); }

}  // namespace foreign
