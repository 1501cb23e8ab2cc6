// The functions of Vulkan that this plugin calls, found at run time: a machine without the loader has
// a reason for a missing device, not a plugin that does not load.
#pragma once

#define VK_NO_PROTOTYPES
#include <vulkan/vulkan.h>

#include <functional>
#include <memory>
#include <string>

namespace tenon::vulkan {

// clang-format off
#define TENON_VK_GLOBAL(X) X(CreateInstance) X(EnumerateInstanceVersion) X(EnumerateInstanceLayerProperties)
#define TENON_VK_INSTANCE(X)                                                                     \
  X(DestroyInstance) X(EnumeratePhysicalDevices) X(GetPhysicalDeviceProperties2)                 \
  X(GetPhysicalDeviceFeatures2) X(GetPhysicalDeviceMemoryProperties2)                            \
  X(GetPhysicalDeviceQueueFamilyProperties) X(EnumerateDeviceExtensionProperties)                \
  X(CreateDevice) X(GetDeviceProcAddr)
#define TENON_VK_DEVICE(X)                                                                       \
  X(DestroyDevice) X(GetDeviceQueue) X(DeviceWaitIdle)                                           \
  X(AllocateMemory) X(FreeMemory) X(MapMemory)                                                   \
  X(CreateBuffer) X(DestroyBuffer) X(BindBufferMemory) X(GetBufferMemoryRequirements)            \
  X(CreateSemaphore) X(DestroySemaphore) X(GetSemaphoreCounterValue) X(WaitSemaphores)           \
  X(CreateCommandPool) X(ResetCommandPool) X(DestroyCommandPool) X(AllocateCommandBuffers) X(BeginCommandBuffer)     \
  X(EndCommandBuffer) X(QueueSubmit2)                                                            \
  X(CreateDescriptorSetLayout) X(DestroyDescriptorSetLayout) X(CreateDescriptorPool)             \
  X(DestroyDescriptorPool) X(AllocateDescriptorSets) X(UpdateDescriptorSets)                     \
  X(CreatePipelineLayout) X(DestroyPipelineLayout) X(CreateShaderModule) X(DestroyShaderModule)  \
  X(CreatePipelineCache) X(DestroyPipelineCache) X(GetPipelineCacheData) X(CreateComputePipelines) X(DestroyPipeline)    \
  X(CreateQueryPool) X(DestroyQueryPool)                                                         \
  X(CmdPipelineBarrier2) X(CmdCopyBuffer) X(CmdFillBuffer) X(CmdBindPipeline)                    \
  X(CmdBindDescriptorSets) X(CmdPushConstants) X(CmdDispatch) X(CmdDispatchIndirect)             \
  X(CmdResetQueryPool) X(CmdWriteTimestamp2) X(CmdCopyQueryPoolResults)
// clang-format on

// A function of Vulkan; on request another that lies answers in its place (lies.hpp).
template <class Function>
class Call;
template <class Result, class... Arguments>
class Call<Result (*)(Arguments...)> {
 public:
  // False if there is no such function.
  template <class Untyped>
  bool find(Untyped found) {
    truth_ = reinterpret_cast<Result (*)(Arguments...)>(found);
    return truth_ != nullptr;
  }
  bool known() const { return truth_ != nullptr; }
  void lie(std::function<Result(Arguments...)> instead) { lie_ = std::move(instead); }
  Result operator()(Arguments... arguments) const {
    return lie_ ? lie_(arguments...) : truth_(arguments...);
  }

 private:
  Result (*truth_)(Arguments...) = nullptr;
  std::function<Result(Arguments...)> lie_;
};

#define TENON_VK_POINTER(name) Call<PFN_vk##name> name;

// Of the loader: what exists before an instance does.
struct Loader {
  Call<PFN_vkGetInstanceProcAddr> GetInstanceProcAddr;
  TENON_VK_GLOBAL(TENON_VK_POINTER)

  // Empty and a reason if there is no loader. It stays loaded: drivers do not like to leave.
  static std::unique_ptr<Loader> open(std::string& why);
};

struct InstanceApi {
  TENON_VK_INSTANCE(TENON_VK_POINTER)

  // False if the loader lacks one of them.
  bool load(const Loader& loader, VkInstance instance);
};

struct DeviceApi {
  TENON_VK_DEVICE(TENON_VK_POINTER)

  bool load(const InstanceApi& api, VkDevice device);
};

#undef TENON_VK_POINTER

}  // namespace tenon::vulkan
