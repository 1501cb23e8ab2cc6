// The environment is asked once per backend.
#include "faults.hpp"

#include <cstdlib>

namespace foreign {

namespace {

void read(const char* variable, uint64_t& value) {
  if (const char* text = std::getenv(variable)) value = std::strtoull(text, nullptr, 10);
}

}  // namespace

Faults Faults::from_environment() {
  Plan plan;
  read("TENON_FOREIGN_FAIL_AT", plan.fail_at);
  read("TENON_FOREIGN_LOSE_AT", plan.lose_at);
  read("TENON_FOREIGN_MEMORY", plan.memory);
  read("TENON_FOREIGN_TAKEN", plan.taken);
  return Faults(plan);
}

}  // namespace foreign
