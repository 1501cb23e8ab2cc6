// One row per result that this plugin may meet.
#include "status.hpp"

#include <array>
#include <string>

namespace tenon::vulkan {
namespace {

struct Row {
  VkResult result;
  tn_status status;
  const char* name;
};

// UNKNOWN is how some drivers tell that the device is gone.
constexpr std::array k_rows = {
    Row{VK_SUCCESS, TN_OK, "VK_SUCCESS"},
    Row{VK_TIMEOUT, TN_ERR_TIMEOUT, "VK_TIMEOUT"},
    Row{VK_ERROR_OUT_OF_HOST_MEMORY, TN_ERR_OOM, "VK_ERROR_OUT_OF_HOST_MEMORY"},
    Row{VK_ERROR_OUT_OF_DEVICE_MEMORY, TN_ERR_OOM, "VK_ERROR_OUT_OF_DEVICE_MEMORY"},
    Row{VK_ERROR_OUT_OF_POOL_MEMORY, TN_ERR_OOM, "VK_ERROR_OUT_OF_POOL_MEMORY"},
    Row{VK_ERROR_TOO_MANY_OBJECTS, TN_ERR_OOM, "VK_ERROR_TOO_MANY_OBJECTS"},
    Row{VK_ERROR_MEMORY_MAP_FAILED, TN_ERR_OOM, "VK_ERROR_MEMORY_MAP_FAILED"},
    Row{VK_ERROR_DEVICE_LOST, TN_ERR_DEVICE_LOST, "VK_ERROR_DEVICE_LOST"},
    Row{VK_ERROR_UNKNOWN, TN_ERR_DEVICE_LOST, "VK_ERROR_UNKNOWN"},
    Row{VK_ERROR_INITIALIZATION_FAILED, TN_ERR_INTERNAL, "VK_ERROR_INITIALIZATION_FAILED"},
    Row{VK_ERROR_INCOMPATIBLE_DRIVER, TN_ERR_UNSUPPORTED, "VK_ERROR_INCOMPATIBLE_DRIVER"},
    Row{VK_ERROR_FEATURE_NOT_PRESENT, TN_ERR_UNSUPPORTED, "VK_ERROR_FEATURE_NOT_PRESENT"},
    Row{VK_ERROR_EXTENSION_NOT_PRESENT, TN_ERR_UNSUPPORTED, "VK_ERROR_EXTENSION_NOT_PRESENT"},
    Row{VK_ERROR_LAYER_NOT_PRESENT, TN_ERR_UNSUPPORTED, "VK_ERROR_LAYER_NOT_PRESENT"},
};

const Row& row_of(VkResult result) {
  static constexpr Row k_other = {VK_ERROR_UNKNOWN, TN_ERR_INTERNAL, "an unknown VkResult"};
  for (const Row& row : k_rows)
    if (row.result == result) return row;
  return k_other;
}

}  // namespace

tn_status status_of(VkResult result) { return row_of(result).status; }
const char* name_of(VkResult result) { return row_of(result).name; }

VkResult result_of(std::string_view name) {
  for (const Row& row : k_rows)
    for (const char* prefix : {"VK_ERROR_", "VK_"})
      if (row.name == prefix + std::string(name)) return row.result;
  return VK_SUCCESS;
}

}  // namespace tenon::vulkan
