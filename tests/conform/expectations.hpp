// What a backend is known to decline and to fail, with the reasons: the committed list of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tenon::conformance {

struct Expectation {
  bool fails;        // else: declines
  std::string what;  // of a failure: SUITE.TEST, may end with "*"; of a refusal: "OP: REASON"
  std::string why;   // of a failure
  bool met = false;

  bool matches(std::string_view name) const;
};

// Lines "declines OP: REASON" and "fails SUITE.TEST: REASON"; "#" begins a comment. A file that is not
// there is empty; `wrong` receives the first line that is neither.
std::vector<Expectation> read_expectations(const std::string& path, std::string& wrong);

}  // namespace tenon::conformance
