// Environment: a variable that is set for the length of a test.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

namespace tenon::testing {

class Environment {
 public:
  Environment(const char* name, std::uint64_t value) : name_(name) {
    setenv(name, std::to_string(value).c_str(), 1);
  }
  ~Environment() { unsetenv(name_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* name_;
};

}  // namespace tenon::testing
