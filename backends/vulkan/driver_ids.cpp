// The head that Vulkan defines for every pipeline cache.
#include "driver_ids.hpp"

#include <cstring>

namespace tenon::vulkan {

bool is_cache_of(const DriverIds& ids, std::span<const std::byte> bytes) {
  VkPipelineCacheHeaderVersionOne head{};
  if (bytes.size() < sizeof head) return false;
  std::memcpy(&head, bytes.data(), sizeof head);
  return head.headerSize >= sizeof head && head.headerSize <= bytes.size() &&
         head.headerVersion == VK_PIPELINE_CACHE_HEADER_VERSION_ONE &&
         head.vendorID == ids.vendor && head.deviceID == ids.device &&
         std::memcmp(head.pipelineCacheUUID, ids.cache_uuid.data(), VK_UUID_SIZE) == 0;
}

}  // namespace tenon::vulkan
