// What a VkResult means to the host.
#pragma once

#include <tenon/abi/base.h>

#include "api.hpp"

namespace tenon::vulkan {

tn_status status_of(VkResult result);
const char* name_of(VkResult result);  // "VK_ERROR_DEVICE_LOST"

}  // namespace tenon::vulkan
