// What things that are remembered of a device depend on: its driver, the kernels, and lies.
#pragma once

#include "lies.hpp"
#include "physical.hpp"

namespace tenon::vulkan {

std::string memory_key(const Physical& physical, const Lies& lies, const char* what);

}  // namespace tenon::vulkan
