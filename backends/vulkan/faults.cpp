// A number that is not there is 0: never.
#include "faults.hpp"

#include <cstdlib>

namespace tenon::vulkan {
namespace {

uint64_t number(const char* variable) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : 0;
}

}  // namespace

Faults::Faults()
    : fail_at_(number("TENON_VULKAN_FAIL_AT")),
      lose_at_(number("TENON_VULKAN_LOSE_AT")),
      no_memory_at_(number("TENON_VULKAN_NO_MEMORY_AT")) {}

tn_status Faults::next_submission() {
  const uint64_t n = ++submissions_;
  if (n == lose_at_) return TN_ERR_DEVICE_LOST;
  return n == fail_at_ ? TN_ERR_INTERNAL : TN_OK;
}

}  // namespace tenon::vulkan
