// Pipelines by kernel and specialisation constants, made on all cores; one layout for all of them.
#pragma once

#include <map>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "backends/gpu/program.hpp"
#include "gpu.hpp"
#include "pipeline_cache.hpp"

namespace tenon::vulkan {

class Pipelines {
 public:
  static tn_status open(Gpu& gpu, std::unique_ptr<Pipelines>& out);
  explicit Pipelines(Gpu& gpu) : gpu_(gpu), cache_(gpu) {}
  ~Pipelines();
  Pipelines(const Pipelines&) = delete;
  Pipelines& operator=(const Pipelines&) = delete;

  // Makes those that are not there yet. Any thread.
  tn_status make(const std::vector<gpu::KernelKey>& keys);
  // Makes one of a kernel pack, if its module can be a kernel; why not, or "". Any thread.
  std::string why_not(const gpu::KernelKey& key, const tn_kernel_desc& kernel);
  // One that was made.
  VkPipeline find(const gpu::KernelKey& key) const;

  VkDescriptorSetLayout set_layout() const { return set_layout_; }
  VkPipelineLayout layout() const { return layout_; }

 private:
  tn_status create_layouts();
  VkResult create(const gpu::KernelKey& key, VkPipeline& out) const;
  VkResult create_module(const gpu::KernelKey& key, VkShaderModule& out) const;

  Gpu& gpu_;
  VkDescriptorSetLayout set_layout_ = VK_NULL_HANDLE;
  VkPipelineLayout layout_ = VK_NULL_HANDLE;
  PipelineCache cache_;
  mutable std::mutex mutex_;
  std::map<gpu::KernelKey, VkPipeline> pipelines_;
};

}  // namespace tenon::vulkan
