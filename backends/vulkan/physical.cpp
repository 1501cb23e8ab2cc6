// Everything is asked of the device, nothing is inferred from its vendor.
#include "physical.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "backends/gpu/identity.hpp"

namespace tenon::vulkan {
namespace {

constexpr uint32_t k_alignment = 256;  // of operands: no device may ask for more

// The features and properties of the core versions that are used here.
struct Asked {
  VkPhysicalDeviceFeatures2 features{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, nullptr, {}};
  VkPhysicalDeviceVulkan11Features v11{};
  VkPhysicalDeviceVulkan12Features v12{};
  VkPhysicalDeviceVulkan13Features v13{};
  VkPhysicalDeviceProperties2 properties{
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, nullptr, {}};
  VkPhysicalDeviceVulkan11Properties p11{};
  VkPhysicalDeviceVulkan12Properties p12{};
  VkPhysicalDeviceVulkan13Properties p13{};

  Asked(const InstanceApi& api, VkPhysicalDevice handle) {
    v11.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES;
    v12.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES;
    v13.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES;
    p11.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES;
    p12.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_PROPERTIES;
    p13.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_PROPERTIES;
    api.GetPhysicalDeviceProperties2(handle, &properties);
    if (version() < VK_API_VERSION_1_3) return;  // it would not know the structs
    features.pNext = &v11;
    v11.pNext = &v12;
    v12.pNext = &v13;
    api.GetPhysicalDeviceFeatures2(handle, &features);
    properties.pNext = &p11;
    p11.pNext = &p12;
    p12.pNext = &p13;
    api.GetPhysicalDeviceProperties2(handle, &properties);
  }
  uint32_t version() const { return properties.properties.apiVersion; }
  const VkPhysicalDeviceLimits& limits() const { return properties.properties.limits; }
};

// A compute queue, rather one that does no graphics; TN_NONE if there is none.
uint32_t choose_family(const InstanceApi& api, VkPhysicalDevice handle, float tick_ns,
                       float& timestamp_ns) {
  uint32_t n = 0;
  api.GetPhysicalDeviceQueueFamilyProperties(handle, &n, nullptr);
  std::vector<VkQueueFamilyProperties> families(n);
  api.GetPhysicalDeviceQueueFamilyProperties(handle, &n, families.data());
  uint32_t best = TN_NONE;
  for (uint32_t i = 0; i < n; ++i) {
    const VkQueueFlags flags = families[i].queueFlags;
    if ((flags & VK_QUEUE_COMPUTE_BIT) == 0) continue;
    if (best == TN_NONE || (flags & VK_QUEUE_GRAPHICS_BIT) == 0) best = i;
  }
  if (best != TN_NONE && families[best].timestampValidBits != 0) timestamp_ns = tick_ns;
  return best;
}

// "", or the first thing that is missing.
std::string why_unusable(const Asked& asked, uint32_t family) {
  if (asked.version() < VK_API_VERSION_1_3)
    return "its driver knows Vulkan " + std::to_string(VK_API_VERSION_MAJOR(asked.version())) +
           "." + std::to_string(VK_API_VERSION_MINOR(asked.version())) + ", 1.3 is needed";
  if (family == TN_NONE) return "it has no queue for computing";
  struct Need {
    bool met;
    const char* what;
  };
  const VkPhysicalDeviceLimits& l = asked.limits();
  const std::array needs = {
      Need{asked.v12.timelineSemaphore != VK_FALSE, "timeline semaphores"},
      Need{asked.v13.synchronization2 != VK_FALSE, "synchronization2"},
      Need{asked.v13.maintenance4 != VK_FALSE, "maintenance4"},
      Need{asked.v13.shaderIntegerDotProduct != VK_FALSE, "integer dot products"},
      Need{l.maxPerStageDescriptorStorageBuffers >= gpu::k_max_buffers &&
               l.maxDescriptorSetStorageBuffers >= gpu::k_max_buffers,
           "12 storage buffers"},
      Need{l.maxPushConstantsSize >= gpu::k_push_words * 4, "128 bytes of push constants"},
      Need{l.maxComputeWorkGroupInvocations >= 256 && l.maxComputeWorkGroupSize[0] >= 256,
           "work-groups of 256"},
      Need{l.maxComputeSharedMemorySize >= 32768, "32 KiB of shared memory"},
      Need{l.minStorageBufferOffsetAlignment <= k_alignment, "buffer offsets of 256 bytes"},
  };
  for (const Need& need : needs)
    if (!need.met) return std::string("it lacks ") + need.what;
  return "";
}

std::string list_features(const Asked& asked) {
  struct Named {
    bool there;
    const char* name;
  };
  const std::array all = {
      Named{asked.p13.integerDotProduct4x8BitPackedSignedAccelerated != VK_FALSE, "vk.intdot"},
      Named{asked.v12.shaderFloat16 != VK_FALSE, "vk.f16"},
      Named{asked.v12.shaderInt8 != VK_FALSE, "vk.i8"},
      Named{asked.v12.storageBuffer8BitAccess != VK_FALSE, "vk.i8_storage"},
      Named{asked.v11.storageBuffer16BitAccess != VK_FALSE, "vk.i16_storage"},
      Named{asked.limits().maxStorageBufferRange >= 0xffffffffu, "vk.range_4g"},
      Named{asked.limits().maxComputeSharedMemorySize >= 49152, "vk.shared_48k"},
  };
  std::string names;
  for (const Named& feature : all)
    if (feature.there) names += (names.empty() ? "" : " ") + std::string(feature.name);
  return names;
}

bool has_extension(const InstanceApi& api, VkPhysicalDevice handle, const char* name) {
  uint32_t n = 0;
  api.EnumerateDeviceExtensionProperties(handle, nullptr, &n, nullptr);
  std::vector<VkExtensionProperties> all(n);
  api.EnumerateDeviceExtensionProperties(handle, nullptr, &n, all.data());
  return std::any_of(all.begin(), all.end(), [&](const VkExtensionProperties& e) {
    return std::strcmp(e.extensionName, name) == 0;
  });
}

// By its place in the machine, else by the name that its driver gives it.
std::string identity_of(const InstanceApi& api, VkPhysicalDevice handle, const Asked& asked) {
  if (!has_extension(api, handle, VK_EXT_PCI_BUS_INFO_EXTENSION_NAME))
    return gpu::uuid_identity(asked.p11.deviceUUID);
  VkPhysicalDevicePCIBusInfoPropertiesEXT pci{};
  pci.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PCI_BUS_INFO_PROPERTIES_EXT;
  VkPhysicalDeviceProperties2 properties{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, &pci, {}};
  api.GetPhysicalDeviceProperties2(handle, &properties);
  return gpu::pci_identity(pci.pciDomain, pci.pciBus, pci.pciDevice, pci.pciFunction);
}

gpu::Limits limits_of(const VkPhysicalDeviceLimits& l) {
  gpu::Limits limits;
  limits.max_range = l.maxStorageBufferRange;
  limits.max_shared = l.maxComputeSharedMemorySize;
  limits.max_invocations = l.maxComputeWorkGroupInvocations;
  std::copy_n(l.maxComputeWorkGroupCount, 3, limits.max_groups.begin());
  return limits;
}

}  // namespace

uint32_t Physical::device_heap() const {
  uint32_t best = TN_NONE;
  for (uint32_t i = 0; i < memory.memoryHeapCount; ++i) {
    const bool own = (memory.memoryHeaps[i].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) != 0;
    if (own && (best == TN_NONE || heap_size(i) > heap_size(best))) best = i;
  }
  return best == TN_NONE ? 0 : best;
}

Physical inspect(const InstanceApi& api, VkPhysicalDevice handle) {
  const Asked asked(api, handle);
  const VkPhysicalDeviceProperties& p = asked.properties.properties;
  Physical out;
  out.handle = handle;
  out.name = p.deviceName;
  if (asked.p12.driverName[0] != '\0')
    out.name += std::string(", ") + asked.p12.driverName + " " + asked.p12.driverInfo;
  const bool on_cpu = p.deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU;
  out.kind = on_cpu ? TN_DEVICE_KIND_CPU : TN_DEVICE_KIND_GPU;
  out.ids = {p.vendorID, p.deviceID, p.driverVersion, {}};
  std::copy_n(p.pipelineCacheUUID, VK_UUID_SIZE, out.ids.cache_uuid.begin());
  out.family = choose_family(api, handle, p.limits.timestampPeriod, out.timestamp_ns);
  out.limits = limits_of(p.limits);
  if (on_cpu) {  // lanes are one by one, or few in a vector; barriers cost
    out.limits.enough_lanes = 64;
    out.limits.free_lanes = 16;
    out.limits.tree_lanes = 8;
  }
  out.max_alloc = std::min<uint64_t>(asked.p11.maxMemoryAllocationSize, asked.p13.maxBufferSize);
  out.features = list_features(asked);
  out.identity = identity_of(api, handle, asked);
  out.f16 = asked.v12.shaderFloat16 != VK_FALSE;
  out.i8 = asked.v12.shaderInt8 != VK_FALSE;
  out.i8_storage = asked.v12.storageBuffer8BitAccess != VK_FALSE;
  out.i16_storage = asked.v11.storageBuffer16BitAccess != VK_FALSE;
  out.has_budget = has_extension(api, handle, VK_EXT_MEMORY_BUDGET_EXTENSION_NAME);
  VkPhysicalDeviceMemoryProperties2 memory{
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2, nullptr, {}};
  api.GetPhysicalDeviceMemoryProperties2(handle, &memory);
  out.memory = memory.memoryProperties;
  out.unusable = why_unusable(asked, out.family);
  return out;
}

uint64_t heap_free(const InstanceApi& api, const Physical& physical, uint32_t heap, uint64_t used) {
  const auto rest = [](uint64_t all, uint64_t taken) { return all > taken ? all - taken : 0; };
  const uint64_t ours = rest(physical.heap_size(heap) / 10 * 8, used);
  if (!physical.has_budget) return ours;
  VkPhysicalDeviceMemoryBudgetPropertiesEXT budget{};
  budget.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT;
  VkPhysicalDeviceMemoryProperties2 memory{
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2, &budget, {}};
  api.GetPhysicalDeviceMemoryProperties2(physical.handle, &memory);
  return rest(budget.heapBudget[heap], budget.heapUsage[heap]);
}

}  // namespace tenon::vulkan
