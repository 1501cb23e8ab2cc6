// StopMatcher: ends an answer at a stop string and never shows any part of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tenon {

// One per answer. Stop strings should be valid UTF-8; empty ones are ignored.
class StopMatcher {
 public:
  explicit StopMatcher(std::vector<std::string> stops);

  struct Output {
    std::string text;      // safe to show
    bool stopped = false;  // a stop string is complete; `text` ends before it
  };

  // Text of any lengths; what may yet become a stop string is held back.
  Output push(std::string_view text);

  // The answer ended otherwise: what was held back belongs to it.
  std::string finish();

 private:
  bool find_stop(std::size_t& begin) const;
  std::size_t safe_length() const;

  std::vector<std::string> stops_;
  std::string pending_;
};

}  // namespace tenon
