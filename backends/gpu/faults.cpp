// A number that is not there is 0: never.
#include "backends/gpu/faults.hpp"

#include <cstdlib>

namespace tenon::gpu {
namespace {

uint64_t number(const std::string& variable) {
  const char* text = std::getenv(variable.c_str());
  return text != nullptr ? std::strtoull(text, nullptr, 10) : 0;
}

}  // namespace

Faults::Faults(const std::string& prefix)
    : fail_at_(number(prefix + "_FAIL_AT")),
      lose_at_(number(prefix + "_LOSE_AT")),
      no_memory_at_(number(prefix + "_NO_MEMORY_AT")),
      max_range_(number(prefix + "_MAX_RANGE")) {}

tn_status Faults::next_submission() {
  const uint64_t n = ++submissions_;
  if (n == lose_at_) return TN_ERR_DEVICE_LOST;
  return n == fail_at_ ? TN_ERR_INTERNAL : TN_OK;
}

}  // namespace tenon::gpu
