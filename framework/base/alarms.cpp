// The thread of the alarms sleeps until the next time, or for a moment when a flag is followed.
#include "framework/base/alarms.hpp"

#include <algorithm>

#include "framework/base/raised.hpp"

namespace tenon {
namespace {

constexpr std::chrono::milliseconds k_follow_interval{5};
constexpr std::chrono::hours k_longest_sleep{1};

}  // namespace

Alarms::Alarm::Alarm(Alarms& alarms, Clock::time_point due, const std::uint32_t* follow)
    : alarms_(alarms) {
  const std::scoped_lock lock(alarms_.mutex_);
  entry_ = alarms_.entries_.insert(alarms_.entries_.end(), {due, follow, &flag_});
  if (!alarms_.thread_.joinable()) alarms_.thread_ = std::thread([&a = alarms_] { a.watch(); });
  alarms_.changed_.notify_one();
}

Alarms::Alarm::~Alarm() {
  const std::scoped_lock lock(alarms_.mutex_);
  alarms_.entries_.erase(entry_);
}

Alarms::~Alarms() {
  {
    const std::scoped_lock lock(mutex_);
    ended_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

// When to look again.
Alarms::Clock::time_point Alarms::raise_due(Clock::time_point now) {
  Clock::time_point next = now + k_longest_sleep;
  for (const Entry& e : entries_) {
    if (raised(e.flag)) continue;
    if (e.due <= now || raised(e.follow)) {
      __atomic_store_n(e.flag, 1, __ATOMIC_RELAXED);
      continue;
    }
    next = std::min(next, e.due);
    if (e.follow != nullptr) next = std::min(next, now + k_follow_interval);
  }
  return next;
}

void Alarms::watch() {
  std::unique_lock lock(mutex_);
  while (!ended_) changed_.wait_until(lock, raise_due(Clock::now()));
}

}  // namespace tenon
