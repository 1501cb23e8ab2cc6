// A device of the instance before it is opened: what it is, what it can do, and why it cannot be used.
#pragma once

#include <cstdint>
#include <string>

#include "api.hpp"
#include "backends/gpu/ops.hpp"
#include "driver_ids.hpp"

namespace tenon::vulkan {

struct Physical {
  VkPhysicalDevice handle = VK_NULL_HANDLE;
  std::string name;      // of the device and its driver
  std::string features;  // names that kernels may need; they are switched on
  std::string identity;  // stays when indices change; "": it has none
  std::string unusable;  // "": it can be opened
  uint32_t kind = 0, family = 0;
  bool has_budget = false;                                                // VK_EXT_memory_budget
  bool f16 = false, i8 = false, i8_storage = false, i16_storage = false;  // for kernel packs
  gpu::Limits limits;
  uint64_t max_alloc = 0;
  float timestamp_ns = 0;  // of a tick; 0: no timestamps
  VkPhysicalDeviceMemoryProperties memory{};
  DriverIds ids;

  uint64_t heap_size(uint32_t heap) const { return memory.memoryHeaps[heap].size; }
  // The largest heap of the device's own, which the memory of models is taken from.
  uint32_t device_heap() const;
};

Physical inspect(const InstanceApi& api, VkPhysicalDevice handle);

// What may still be taken of a heap, of which `used` bytes are the caller's.
uint64_t heap_free(const InstanceApi& api, const Physical& physical, uint32_t heap, uint64_t used);

}  // namespace tenon::vulkan
