// A program that is run to its end, or to its time limit.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "host/cli/options.hpp"

namespace tenon::cli {

struct ChildEnd {
  bool timed_out = false;
  int signal = 0, code = 0;  // signal 0: it has ended with `code`
  std::string out;           // its stdout
};

// `variables`: "NAME=VALUE", besides our environment. Its stderr is ours, or nobody's if `quiet`.
Result<ChildEnd> run_child(const std::vector<std::string>& command,
                           const std::vector<std::string>& variables, std::chrono::seconds limit,
                           bool quiet);

// A program of ours that is installed beside this one.
std::string beside_us(const std::string& name);

}  // namespace tenon::cli
