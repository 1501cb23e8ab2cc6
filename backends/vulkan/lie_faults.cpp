// Functions that fail, memory that ends, semaphores that stand still, kernels that are others.
#include <chrono>
#include <cstdlib>
#include <sstream>
#include <thread>

#include "lies.hpp"
#include "shaders.hpp"
#include "status.hpp"

namespace tenon::vulkan {
namespace {

std::string variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value != nullptr ? value : "";
}

// Whoever waits until the device is idle frees memory then, whatever the answer was.
template <class Result, class... Arguments, class Next>
void let_fail(Call<Result (*)(Arguments...)>& call, bool happens, Next next) {
  if constexpr (std::is_same_v<Result, VkResult>)
    call.lie([truth = call, happens, next](Arguments... arguments) {
      const VkResult result = next();
      if (result == VK_SUCCESS) return truth(arguments...);
      if (happens) truth(arguments...);
      return result;
    });
}

// The last semaphore of the wait, at least.
bool is_beyond(const VkSemaphoreWaitInfo& info, uint64_t most) {
  return info.semaphoreCount != 0 && info.pValues[info.semaphoreCount - 1] >= most;
}

}  // namespace

Lies::Lies(const std::string& prefix) {
  const std::string lies = variable(prefix + "_LIES"), failure = variable(prefix + "_FAIL"),
                    kernels = variable(prefix + "_MISCOMPILE");
  std::istringstream words(lies);
  for (std::string word; words >> word;) {
    const size_t equals = word.find('=');
    words_[word.substr(0, equals)] = equals != std::string::npos ? word.substr(equals + 1) : "";
  }
  std::string at, result;
  std::istringstream(failure) >> failing_ >> at >> result;
  fail_at_ = std::strtoull(at.c_str(), nullptr, 10);
  for_good_ = at.ends_with('+');
  result_ = result_of(result);
  const size_t colon = kernels.find(':');
  miscompiled_ = kernels.substr(0, colon);
  compiled_ = colon != std::string::npos ? kernels.substr(colon + 1) : "";
  for (const std::string& asked : {lies, failure, kernels})
    if (!asked.empty()) text_ += asked + ';';
}

VkResult Lies::next_result() {
  const uint64_t n = ++calls_;
  return n == fail_at_ || (for_good_ && n > fail_at_) ? result_ : VK_SUCCESS;
}

void Lies::tell(DeviceApi& api) {
  if (has("heap") || has("discrete")) tell_of_memory(api);
  if (const auto most = number("stuck")) tell_of_semaphore(api, *most);
  if (!miscompiled_.empty()) miscompile(api);
  const bool idle = failing_ == "DeviceWaitIdle";
#define TENON_VK_FAIL(name) \
  if (failing_ == #name) let_fail(api.name, idle, [this] { return next_result(); });
  TENON_VK_DEVICE(TENON_VK_FAIL)
#undef TENON_VK_FAIL
}

// The driver takes the types that it knows; those of the system are the second half.
void Lies::tell_of_memory(DeviceApi& api) {
  const bool discrete = has("discrete");
  const uint64_t most = number("heap").value_or(UINT64_MAX);
  api.GetBufferMemoryRequirements.lie(
      [discrete, truth = api.GetBufferMemoryRequirements](VkDevice d, VkBuffer buffer,
                                                          VkMemoryRequirements* needs) {
        truth(d, buffer, needs);
        if (discrete) needs->memoryTypeBits = 3;
      });
  api.AllocateMemory.lie([this, discrete, most, truth = api.AllocateMemory](
                             VkDevice d, const VkMemoryAllocateInfo* info,
                             const VkAllocationCallbacks* callbacks, VkDeviceMemory* out) {
    VkMemoryAllocateInfo known = *info;
    if (discrete) known.memoryTypeIndex = 0;
    const std::lock_guard lock(mutex_);
    const bool counted = !discrete || info->memoryTypeIndex == 0;
    if (counted && info->allocationSize > most - used_) return VK_ERROR_OUT_OF_DEVICE_MEMORY;
    const VkResult result = truth(d, &known, callbacks, out);
    if (result == VK_SUCCESS && counted) used_ += allocated_[*out] = info->allocationSize;
    return result;
  });
  api.FreeMemory.lie([this, truth = api.FreeMemory](VkDevice d, VkDeviceMemory memory,
                                                    const VkAllocationCallbacks* callbacks) {
    {
      const std::lock_guard lock(mutex_);
      const auto found = allocated_.find(memory);
      used_ -= found != allocated_.end() ? found->second : 0;
      if (found != allocated_.end()) allocated_.erase(found);
    }
    truth(d, memory, callbacks);
  });
}

void Lies::tell_of_semaphore(DeviceApi& api, uint64_t most) const {
  api.GetSemaphoreCounterValue.lie([most, truth = api.GetSemaphoreCounterValue](
                                       VkDevice d, VkSemaphore semaphore, uint64_t* value) {
    const VkResult result = truth(d, semaphore, value);
    *value = std::min(*value, most - 1);
    return result;
  });
  api.WaitSemaphores.lie([most, truth = api.WaitSemaphores](
                             VkDevice d, const VkSemaphoreWaitInfo* info, uint64_t timeout_ns) {
    if (!is_beyond(*info, most)) return truth(d, info, timeout_ns);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return VK_TIMEOUT;
  });
}

void Lies::miscompile(DeviceApi& api) const {
  const Shader *from = find_shader(miscompiled_.c_str()), *to = find_shader(compiled_.c_str());
  if (from == nullptr || to == nullptr) return;
  api.CreateShaderModule.lie([from, to, truth = api.CreateShaderModule](
                                 VkDevice d, const VkShaderModuleCreateInfo* info,
                                 const VkAllocationCallbacks* callbacks, VkShaderModule* out) {
    VkShaderModuleCreateInfo other = *info;
    if (info->pCode == from->words) {
      other.pCode = to->words;
      other.codeSize = to->bytes;
    }
    return truth(d, &other, callbacks, out);
  });
}

}  // namespace tenon::vulkan
