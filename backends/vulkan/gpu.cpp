// Only those features are switched on that something here uses, or that kernel packs may need.
#include "gpu.hpp"

#include <string>

#include "status.hpp"

namespace tenon::vulkan {

tn_status Gpu::open(const tn_host* host, const Instance& instance, const Physical& physical,
                    Requests& requests, std::unique_ptr<Gpu>& out) {
  auto made = std::make_unique<Gpu>(host, instance, physical, requests);
  const tn_status status = made->create();
  if (status == TN_OK) out = std::move(made);
  return status;
}

Gpu::~Gpu() {
  if (device_ != VK_NULL_HANDLE && api_.DestroyDevice.known()) api_.DestroyDevice(device_, nullptr);
}

tn_status Gpu::create() {
  VkPhysicalDeviceVulkan13Features v13{};
  v13.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES;
  v13.synchronization2 = v13.maintenance4 = v13.shaderIntegerDotProduct = VK_TRUE;
  VkPhysicalDeviceVulkan12Features v12{};
  v12.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES;
  v12.pNext = &v13;
  v12.timelineSemaphore = VK_TRUE;
  v12.shaderFloat16 = physical_.f16;
  v12.shaderInt8 = physical_.i8;
  v12.storageBuffer8BitAccess = physical_.i8_storage;
  VkPhysicalDeviceVulkan11Features v11{};
  v11.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES;
  v11.pNext = &v12;
  v11.storageBuffer16BitAccess = physical_.i16_storage;
  const float priority = 1.0f;
  VkDeviceQueueCreateInfo queue{};
  queue.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO;
  queue.queueFamilyIndex = physical_.family;
  queue.queueCount = 1;
  queue.pQueuePriorities = &priority;
  const char* budget = VK_EXT_MEMORY_BUDGET_EXTENSION_NAME;
  VkDeviceCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO;
  info.pNext = &v11;
  info.queueCreateInfoCount = 1;
  info.pQueueCreateInfos = &queue;
  info.enabledExtensionCount = physical_.has_budget ? 1 : 0;
  info.ppEnabledExtensionNames = &budget;
  const InstanceApi& instance = instance_.api();
  const VkResult result = instance.CreateDevice(physical_.handle, &info, nullptr, &device_);
  if (result != VK_SUCCESS) return check(result, "the device does not open");
  if (!api_.load(instance, device_))
    return refuse(TN_ERR_UNSUPPORTED, "the driver lacks functions of Vulkan 1.3");
  requests_.lies.tell(api_);
  api_.GetDeviceQueue(device_, physical_.family, 0, &queue_);
  return TN_OK;
}

tn_status Gpu::check(VkResult result, const char* what) {
  const tn_status status = status_of(result);
  if (status == TN_OK || status == TN_ERR_TIMEOUT) return status;
  const std::string why = std::string(what) + ": " + name_of(result);
  if (status == TN_ERR_DEVICE_LOST) lose(why);
  return refuse(status, why.c_str());
}

void Gpu::lose(const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (!lost_) why_lost_ = why;
  lost_ = true;
}

tn_status Gpu::alive() const {
  if (!lost_) return TN_OK;
  const std::lock_guard lock(mutex_);
  return refuse(TN_ERR_DEVICE_LOST,
                ("the device was lost (" + why_lost_ + "); open it anew").c_str());
}

}  // namespace tenon::vulkan
