// What tenon-probe writes to its pipe: one JSON object per line, the last one is the verdict.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tenon {

// {"step":"while loading"} before each step, then {"refused":"reason"} or {"ok":true}.
std::string step_line(std::string_view step);
std::string verdict_line(std::string_view reason);  // "" is ok

// The state of a report that may be cut short or hold anything.
struct ProbeReport {
  std::string last_step = "while starting";
  std::optional<std::string> verdict;  // "" is ok
};
ProbeReport read_report(std::string_view text);

}  // namespace tenon
