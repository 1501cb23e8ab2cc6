// Limits, features and memory that the device does not have.
#include "lies.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace tenon::vulkan {
namespace {

template <class Struct>
Struct* find(void* chain, VkStructureType type) {
  for (auto* s = static_cast<VkBaseOutStructure*>(chain); s != nullptr; s = s->pNext)
    if (s->sType == type) return reinterpret_cast<Struct*>(s);
  return nullptr;
}

template <class To>
void set(To& to, std::optional<uint64_t> number) {
  if (number) to = static_cast<To>(*number);
}

bool is_budget(const VkExtensionProperties& e) {
  return std::strcmp(e.extensionName, VK_EXT_MEMORY_BUDGET_EXTENSION_NAME) == 0;
}

}  // namespace

std::optional<uint64_t> Lies::number(const char* word) const {
  const auto found = words_.find(word);
  if (found == words_.end()) return std::nullopt;
  return std::strtoull(found->second.c_str(), nullptr, 10);
}

std::optional<std::chrono::milliseconds> Lies::patience() const {
  const auto given = number("patience");
  return given ? std::optional(std::chrono::milliseconds(*given)) : std::nullopt;
}

void Lies::change(VkPhysicalDeviceProperties2& properties) const {
  VkPhysicalDeviceLimits& limits = properties.properties.limits;
  set(limits.maxStorageBufferRange, number("range"));
  set(limits.minStorageBufferOffsetAlignment, number("alignment"));
  set(limits.maxComputeSharedMemorySize, number("shared"));
  set(limits.maxComputeWorkGroupInvocations, number("invocations"));
  if (auto* v11 = find<VkPhysicalDeviceVulkan11Properties>(
          properties.pNext, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES))
    set(v11->subgroupSize, number("subgroup"));
}

// Discrete: the types of the device's own memory are no longer mapped, and are there a second time as
// memory of the system.
void Lies::change(VkPhysicalDeviceMemoryProperties2& memory) const {
  VkPhysicalDeviceMemoryProperties& m = memory.memoryProperties;
  for (uint32_t i = 0; i < m.memoryHeapCount; ++i) set(m.memoryHeaps[i].size, number("heap"));
  auto* budget = find<VkPhysicalDeviceMemoryBudgetPropertiesEXT>(
      memory.pNext, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT);
  if (budget != nullptr && number("budget")) {
    std::fill_n(budget->heapBudget, m.memoryHeapCount, *number("budget"));
    std::fill_n(budget->heapUsage, m.memoryHeapCount, 0);
  }
  if (!has("discrete")) return;
  const uint32_t n = m.memoryTypeCount, heap = m.memoryHeapCount++;
  m.memoryHeaps[heap] = {m.memoryHeaps[0].size, 0};
  for (uint32_t i = 0; i < n; ++i) {
    m.memoryTypes[n + i] = m.memoryTypes[i];
    m.memoryTypes[n + i].heapIndex = heap;
    m.memoryTypes[n + i].propertyFlags &=
        ~VkMemoryPropertyFlags{VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT};
    m.memoryTypes[i].propertyFlags &= VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
  }
  m.memoryTypeCount = 2 * n;
}

void Lies::tell(InstanceApi& api) {
  if (words_.empty()) return;
  api.GetPhysicalDeviceProperties2.lie(
      [this, truth = api.GetPhysicalDeviceProperties2](VkPhysicalDevice d,
                                                       VkPhysicalDeviceProperties2* properties) {
        truth(d, properties);
        change(*properties);
      });
  api.GetPhysicalDeviceFeatures2.lie([this, truth = api.GetPhysicalDeviceFeatures2](
                                         VkPhysicalDevice d, VkPhysicalDeviceFeatures2* features) {
    truth(d, features);
    auto* v13 = find<VkPhysicalDeviceVulkan13Features>(
        features, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES);
    if (v13 != nullptr && has("no_intdot")) v13->shaderIntegerDotProduct = VK_FALSE;
  });
  api.GetPhysicalDeviceMemoryProperties2.lie(
      [this, truth = api.GetPhysicalDeviceMemoryProperties2](
          VkPhysicalDevice d, VkPhysicalDeviceMemoryProperties2* memory) {
        truth(d, memory);
        change(*memory);
      });
  tell_of_extensions(api);
}

// The driver may not know the extension, so it is never switched on.
void Lies::tell_of_extensions(InstanceApi& api) const {
  if (!has("no_budget") && !has("budget")) return;
  api.EnumerateDeviceExtensionProperties.lie(
      [this, truth = api.EnumerateDeviceExtensionProperties](
          VkPhysicalDevice d, const char* layer, uint32_t* n, VkExtensionProperties* to) {
        uint32_t all = 0;
        truth(d, layer, &all, nullptr);
        std::vector<VkExtensionProperties> list(all);
        const VkResult result = truth(d, layer, &all, list.data());
        std::erase_if(list, is_budget);
        if (has("budget")) {
          VkExtensionProperties& budget = list.emplace_back();
          std::strcpy(budget.extensionName, VK_EXT_MEMORY_BUDGET_EXTENSION_NAME);
        }
        const auto there = static_cast<uint32_t>(list.size());
        if (to != nullptr) std::copy_n(list.begin(), std::min(*n, there), to);
        *n = to != nullptr ? std::min(*n, there) : there;
        return result;
      });
  api.CreateDevice.lie(
      [truth = api.CreateDevice](VkPhysicalDevice d, const VkDeviceCreateInfo* info,
                                 const VkAllocationCallbacks* memory, VkDevice* out) {
        VkDeviceCreateInfo without = *info;
        without.enabledExtensionCount = 0;
        return truth(d, &without, memory, out);
      });
}

}  // namespace tenon::vulkan
