// Alarms: flags that are raised at a time, all by one thread, which exists once one was set.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <thread>

namespace tenon {

// Thread-safe. Must outlive its alarms.
class Alarms {
  struct Entry;
  using Entries = std::list<Entry>;

 public:
  using Clock = std::chrono::steady_clock;

  // One flag, 0 until the time has come or the flag it follows is set. Takes the place of the
  // followed flag where only one can be given.
  class Alarm {
   public:
    Alarm(Alarms& alarms, Clock::time_point due, const std::uint32_t* follow);
    ~Alarm();
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;
    const std::uint32_t* flag() const { return &flag_; }

   private:
    Alarms& alarms_;
    std::uint32_t flag_ = 0;
    Entries::iterator entry_;
  };

  Alarms() = default;
  ~Alarms();
  Alarms(const Alarms&) = delete;
  Alarms& operator=(const Alarms&) = delete;

 private:
  struct Entry {
    Clock::time_point due;
    const std::uint32_t* follow;
    std::uint32_t* flag;
  };
  void watch();
  Clock::time_point raise_due(Clock::time_point now);

  std::mutex mutex_;
  std::condition_variable changed_;
  Entries entries_;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace tenon
