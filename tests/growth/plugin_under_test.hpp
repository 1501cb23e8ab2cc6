// Which plugin a test program drives: the one it was built beside, or one named by the environment.
#pragma once

#include <cstdlib>

namespace tenon {

inline const char* plugin_under_test(const char* variable, const char* built) {
  const char* named = std::getenv(variable);
  return named != nullptr ? named : built;
}

}  // namespace tenon
