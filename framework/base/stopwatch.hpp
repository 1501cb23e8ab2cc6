// Stopwatch: milliseconds on the monotonic clock.
#pragma once

#include <chrono>

namespace tenon {

class Stopwatch {
 public:
  double elapsed_ms() const { return ms(Clock::now() - start_); }
  // The moment at which elapsed_ms() will be `ms`; as good as never for what no clock can say.
  std::chrono::steady_clock::time_point at_ms(double ms) const {
    const std::chrono::duration<double, std::milli> longest = std::chrono::hours(24 * 365 * 100);
    const std::chrono::duration<double, std::milli> wanted(ms);
    return start_ +
           std::chrono::duration_cast<Clock::duration>(wanted < longest ? wanted : longest);
  }
  // Time since the last lap, or since the start.
  double lap_ms() {
    const auto now = Clock::now(), before = lap_;
    lap_ = now;
    return ms(now - before);
  }

 private:
  using Clock = std::chrono::steady_clock;
  static double ms(Clock::duration d) {
    return std::chrono::duration<double, std::milli>(d).count();
  }
  Clock::time_point start_ = Clock::now(), lap_ = start_;
};

}  // namespace tenon
