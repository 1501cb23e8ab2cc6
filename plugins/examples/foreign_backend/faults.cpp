// The environment is asked once per backend.
#include "faults.hpp"

#include <cstdlib>

namespace foreign {

namespace {

uint64_t number(const char* variable) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : 0;
}

}  // namespace

Faults Faults::from_environment() {
  return {number("TENON_FOREIGN_FAIL_AT"), number("TENON_FOREIGN_LOSE_AT")};
}

}  // namespace foreign
