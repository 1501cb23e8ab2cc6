// Drivers compile for milliseconds to seconds: each kernel once per device, several at a time.
#include "pipelines.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include "backends/gpu/dispatch.hpp"
#include "module.hpp"
#include "shaders.hpp"
#include "status.hpp"

namespace tenon::vulkan {

tn_status Pipelines::open(Gpu& gpu, std::unique_ptr<Pipelines>& out) {
  auto made = std::make_unique<Pipelines>(gpu);
  const tn_status status = made->create_layouts();
  if (status == TN_OK) out = std::move(made);
  return status;
}

Pipelines::~Pipelines() {
  const DeviceApi& api = gpu_.api();
  for (const auto& [key, pipeline] : pipelines_)
    api.DestroyPipeline(gpu_.handle(), pipeline, nullptr);
  api.DestroyPipelineLayout(gpu_.handle(), layout_, nullptr);
  api.DestroyDescriptorSetLayout(gpu_.handle(), set_layout_, nullptr);
}

tn_status Pipelines::create_layouts() {
  const DeviceApi& api = gpu_.api();
  std::array<VkDescriptorSetLayoutBinding, gpu::k_max_buffers> bindings{};
  for (uint32_t i = 0; i < bindings.size(); ++i)
    bindings[i] = {i, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, 1, VK_SHADER_STAGE_COMPUTE_BIT, nullptr};
  VkDescriptorSetLayoutCreateInfo set{};
  set.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO;
  set.bindingCount = static_cast<uint32_t>(bindings.size());
  set.pBindings = bindings.data();
  tn_status status = gpu_.check(
      api.CreateDescriptorSetLayout(gpu_.handle(), &set, nullptr, &set_layout_), "a set layout");
  if (status != TN_OK) return status;
  const VkPushConstantRange push{VK_SHADER_STAGE_COMPUTE_BIT, 0, gpu::k_push_words * 4};
  VkPipelineLayoutCreateInfo layout{};
  layout.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO;
  layout.setLayoutCount = 1;
  layout.pSetLayouts = &set_layout_;
  layout.pushConstantRangeCount = 1;
  layout.pPushConstantRanges = &push;
  status = gpu_.check(api.CreatePipelineLayout(gpu_.handle(), &layout, nullptr, &layout_),
                      "a pipeline layout");
  if (status != TN_OK) return status;
  return cache_.open();
}

// Of the build, or of a pack.
VkResult Pipelines::create_module(const gpu::KernelKey& key, VkShaderModule& out) const {
  const Shader* shader = key.code.data == nullptr ? find_shader(key.kernel.c_str()) : nullptr;
  if (shader == nullptr && key.code.data == nullptr) return VK_ERROR_FEATURE_NOT_PRESENT;
  VkShaderModuleCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO;
  info.codeSize = shader != nullptr ? shader->bytes : key.code.bytes;
  info.pCode = shader != nullptr ? shader->words : static_cast<const uint32_t*>(key.code.data);
  return gpu_.api().CreateShaderModule(gpu_.handle(), &info, nullptr, &out);
}

VkResult Pipelines::create(const gpu::KernelKey& key, VkPipeline& out) const {
  const DeviceApi& api = gpu_.api();
  VkShaderModule made = VK_NULL_HANDLE;
  if (const VkResult result = create_module(key, made); result != VK_SUCCESS) return result;
  std::vector<VkSpecializationMapEntry> entries;
  for (uint32_t i = 0; i < key.constants.size(); ++i) entries.push_back({key.id_of(i), i * 4, 4});
  const VkSpecializationInfo constants{static_cast<uint32_t>(entries.size()), entries.data(),
                                       key.constants.size() * 4, key.constants.data()};
  VkComputePipelineCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO;
  info.stage.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO;
  info.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT;
  info.stage.module = made;
  info.stage.pName = key.code.data != nullptr ? key.code.entry : "main";
  info.stage.pSpecializationInfo = &constants;
  info.layout = layout_;
  const VkResult result =
      api.CreateComputePipelines(gpu_.handle(), cache_.handle(), 1, &info, nullptr, &out);
  api.DestroyShaderModule(gpu_.handle(), made, nullptr);
  return result;
}

tn_status Pipelines::make(const std::vector<gpu::KernelKey>& keys) {
  const std::lock_guard lock(mutex_);
  std::vector<gpu::KernelKey> missing;
  for (const gpu::KernelKey& key : keys)
    if (!pipelines_.contains(key) &&
        std::find(missing.begin(), missing.end(), key) == missing.end())
      missing.push_back(key);
  std::vector<VkPipeline> made(missing.size(), VK_NULL_HANDLE);
  std::atomic<size_t> next{0};
  std::atomic<VkResult> failure{VK_SUCCESS};
  const auto work = [&] {
    for (size_t i = next++; i < missing.size(); i = next++)
      if (const VkResult result = create(missing[i], made[i]); result != VK_SUCCESS)
        failure = result;
  };
  std::vector<std::thread> helpers;
  const size_t n = std::min<size_t>(std::thread::hardware_concurrency(), missing.size());
  for (size_t i = 1; i < n; ++i) helpers.emplace_back(work);
  work();
  for (std::thread& helper : helpers) helper.join();
  for (size_t i = 0; i < missing.size(); ++i)
    if (made[i] != VK_NULL_HANDLE) pipelines_.emplace(missing[i], made[i]);
  if (!missing.empty()) cache_.keep();
  return gpu_.check(failure, "a kernel does not compile");
}

std::string Pipelines::why_not(const gpu::KernelKey& key, const tn_kernel_desc& kernel) {
  if (find(key) != VK_NULL_HANDLE) return "";
  const std::span words(static_cast<const uint32_t*>(key.code.data), key.code.bytes / 4);
  std::string why =
      why_not_module(words, key.code.entry, kernel, gpu_.physical().limits.max_invocations);
  if (!why.empty()) return why;
  const std::lock_guard lock(mutex_);
  VkPipeline made = VK_NULL_HANDLE;
  const VkResult result = create(key, made);
  if (result != VK_SUCCESS) return std::string("the driver says ") + name_of(result);
  if (!pipelines_.try_emplace(key, made).second)
    gpu_.api().DestroyPipeline(gpu_.handle(), made, nullptr);
  return "";
}

VkPipeline Pipelines::find(const gpu::KernelKey& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = pipelines_.find(key);
  return found != pipelines_.end() ? found->second : VK_NULL_HANDLE;
}

}  // namespace tenon::vulkan
