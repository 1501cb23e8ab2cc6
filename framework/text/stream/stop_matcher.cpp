// The stop that is complete first wins, so the result does not depend on how the text was cut.
#include "framework/text/stream/stop_matcher.hpp"

#include <algorithm>
#include <utility>

namespace tenon {

StopMatcher::StopMatcher(std::vector<std::string> stops) : stops_(std::move(stops)) {
  std::erase_if(stops_, [](const std::string& stop) { return stop.empty(); });
}

bool StopMatcher::find_stop(std::size_t& begin) const {
  std::size_t best_end = std::string::npos;
  for (const std::string& stop : stops_) {
    const std::size_t at = pending_.find(stop);
    if (at == std::string::npos || at + stop.size() > best_end) continue;
    if (at + stop.size() == best_end && at >= begin) continue;
    begin = at;
    best_end = at + stop.size();
  }
  return best_end != std::string::npos;
}

// Everything before the longest tail that begins some stop string.
std::size_t StopMatcher::safe_length() const {
  std::size_t safe = pending_.size();
  for (const std::string& stop : stops_) {
    std::size_t n = std::min(stop.size() - 1, pending_.size());
    while (n > pending_.size() - safe && !pending_.ends_with(std::string_view(stop).substr(0, n)))
      --n;
    safe = std::min(safe, pending_.size() - n);
  }
  return safe;
}

StopMatcher::Output StopMatcher::push(std::string_view text) {
  pending_ += text;
  std::size_t begin = 0;
  const bool stopped = find_stop(begin);
  const std::size_t shown = stopped ? begin : safe_length();
  Output out{pending_.substr(0, shown), stopped};
  pending_.erase(0, stopped ? std::string::npos : shown);
  return out;
}

std::string StopMatcher::finish() { return std::exchange(pending_, {}); }

}  // namespace tenon
