// Which submissions have ended before another starts, and which executions of a plan may overlap.
#pragma once

#include <tenon/abi/commands.h>

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <vector>

namespace tenon::validation {

struct Handle;

// Per queue: how many of its submissions have ended, the first ones.
using Ended = std::map<const Handle*, std::uint64_t>;

// A submission, and what has ended when it starts.
struct Moment {
  const Handle* queue;
  std::uint64_t number;  // on its queue, from 1
  Ended before;
};

// What queues, waits and the host's own waits put in order. Thread-safe; the submissions of one
// queue come one at a time. Handles are those of the layer and outlive the object.
class Order {
 public:
  // The next submission of a queue, with the waits that the host gave it.
  Moment next(const Handle& queue, const std::vector<tn_point>& waits);
  // It signals the value, unless it is refused; `last` was signalled before, or is the initial one.
  void signal(const Moment& moment, const Handle& timeline, std::uint64_t last,
              std::uint64_t value);
  // It executes the plan, unless it is refused. False if another execution may still be running.
  bool execute(const Moment& moment, const Handle& plan);
  void accept(const Moment& moment);
  void refuse(const Moment& moment);

  // The host knows that the timeline reached the value, or that the queue was closed.
  void saw(const Handle& timeline, std::uint64_t value);
  void closed(const Handle& queue);

 private:
  struct Signal {
    const Handle* queue;
    std::uint64_t number;
    std::uint64_t last, value;  // it takes the timeline from one to the other
    Ended ended;                // when it is reached
  };
  struct Execution {
    const Handle* queue;
    std::uint64_t number;
  };
  // nullptr: nothing that `seen_` lacks.
  const Ended* reached(const Handle& timeline, std::uint64_t value) const;
  void forget(std::deque<Signal>& signals) const;

  std::mutex mutex_;
  Ended seen_;                                             // by the host
  std::map<const Handle*, Ended> queues_;                  // after their last submission
  std::map<const Handle*, std::deque<Signal>> timelines_;  // rising; not those that all start after
  std::map<const Handle*, std::vector<Execution>> executions_;  // of plans, that may still run
};

}  // namespace tenon::validation
