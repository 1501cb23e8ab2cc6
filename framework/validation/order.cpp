// A vector clock: one number per queue, joined wherever one thing waits for another.
#include "framework/validation/order.hpp"

#include <algorithm>

namespace tenon::validation {
namespace {

void join(Ended& into, const Ended& other) {
  for (const auto& [queue, number] : other) into[queue] = std::max(into[queue], number);
}

bool holds(const Ended& ended, const Handle* queue, std::uint64_t number) {
  const auto found = ended.find(queue);
  return found != ended.end() && found->second >= number;
}

Ended after(const Moment& moment) {
  Ended ended = moment.before;
  ended[moment.queue] = moment.number;
  return ended;
}

template <class T>
void take_back(T& all, const Moment& moment) {
  std::erase_if(all, [&](const auto& one) {
    return one.queue == moment.queue && one.number == moment.number;
  });
}

}  // namespace

const Ended* Order::reached(const Handle& timeline, std::uint64_t value) const {
  const auto found = timelines_.find(&timeline);
  if (found == timelines_.end()) return nullptr;
  const auto signal = std::ranges::find_if(
      found->second, [&](const Signal& s) { return s.last < value && value <= s.value; });
  return signal != found->second.end() ? &signal->ended : nullptr;
}

// What has ended for everybody needs no clock: all that comes starts after it.
void Order::forget(std::deque<Signal>& signals) const {
  while (!signals.empty() && holds(seen_, signals.front().queue, signals.front().number))
    signals.pop_front();
}

Moment Order::next(const Handle& queue, const std::vector<tn_point>& waits) {
  const std::lock_guard lock(mutex_);
  Moment moment{&queue, 1, queues_[&queue]};
  if (const auto last = moment.before.find(&queue); last != moment.before.end())
    moment.number = last->second + 1;
  join(moment.before, seen_);
  for (const tn_point& wait : waits)
    if (const Ended* ended = reached(*reinterpret_cast<const Handle*>(wait.timeline), wait.value))
      join(moment.before, *ended);
  return moment;
}

void Order::signal(const Moment& moment, const Handle& timeline, std::uint64_t last,
                   std::uint64_t value) {
  const std::lock_guard lock(mutex_);
  std::deque<Signal>& signals = timelines_[&timeline];
  forget(signals);
  signals.push_back({moment.queue, moment.number, last, value, after(moment)});
}

bool Order::execute(const Moment& moment, const Handle& plan) {
  const std::lock_guard lock(mutex_);
  std::vector<Execution>& executions = executions_[&plan];
  std::erase_if(executions, [&](const Execution& e) { return holds(seen_, e.queue, e.number); });
  const bool ordered = std::ranges::all_of(executions, [&](const Execution& e) {
    return e.queue == moment.queue || holds(moment.before, e.queue, e.number);
  });
  executions.push_back({moment.queue, moment.number});
  return ordered;
}

void Order::accept(const Moment& moment) {
  const std::lock_guard lock(mutex_);
  queues_[moment.queue] = after(moment);
}

void Order::refuse(const Moment& moment) {
  const std::lock_guard lock(mutex_);
  for (auto& [_, signals] : timelines_) take_back(signals, moment);
  for (auto& [_, executions] : executions_) take_back(executions, moment);
}

void Order::saw(const Handle& timeline, std::uint64_t value) {
  const std::lock_guard lock(mutex_);
  if (const Ended* ended = reached(timeline, value)) join(seen_, *ended);
}

void Order::closed(const Handle& queue) {
  const std::lock_guard lock(mutex_);
  if (const auto found = queues_.find(&queue); found != queues_.end()) join(seen_, found->second);
}

}  // namespace tenon::validation
