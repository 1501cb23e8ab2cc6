// Which dispatches may run together: a pure function of the bytes that each reads and writes.
#pragma once

#include <vector>

#include "hazards.hpp"

namespace tenon::vulkan {

// Of dispatches, by number. A barrier stands between one group and the next, none within.
using Groups = std::vector<std::vector<uint32_t>>;

// Every dispatch is in the first group that comes after all it must wait for, so that what is ready
// together runs together; within a group they keep their order.
Groups group(std::span<const std::vector<Access>> dispatches);

}  // namespace tenon::vulkan
