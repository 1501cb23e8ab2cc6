// What a VkResult means to the host.
#pragma once

#include <tenon/abi/base.h>

#include <string_view>

#include "api.hpp"

namespace tenon::vulkan {

tn_status status_of(VkResult result);
const char* name_of(VkResult result);  // "VK_ERROR_DEVICE_LOST"
// Of a name without its "VK_ERROR_" or "VK_"; VK_SUCCESS if there is none.
VkResult result_of(std::string_view name);

}  // namespace tenon::vulkan
