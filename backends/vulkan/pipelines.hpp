// Pipelines by kernel and specialisation constants, made on all cores; one layout for all of them.
#pragma once

#include <map>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "gpu.hpp"

namespace tenon::vulkan {

class Pipelines {
 public:
  static tn_status open(Gpu& gpu, std::unique_ptr<Pipelines>& out);
  explicit Pipelines(Gpu& gpu) : gpu_(gpu) {}
  ~Pipelines();
  Pipelines(const Pipelines&) = delete;
  Pipelines& operator=(const Pipelines&) = delete;

  struct Key {
    std::string kernel;
    std::vector<uint32_t> constants;
    auto operator<=>(const Key&) const = default;
  };
  // Makes those that are not there yet. Any thread.
  tn_status make(const std::vector<Key>& keys);
  // One that was made.
  VkPipeline find(const Key& key) const;

  VkDescriptorSetLayout set_layout() const { return set_layout_; }
  VkPipelineLayout layout() const { return layout_; }

 private:
  tn_status create_layouts();
  VkResult create(const Key& key, VkPipeline& out) const;

  Gpu& gpu_;
  VkDescriptorSetLayout set_layout_ = VK_NULL_HANDLE;
  VkPipelineLayout layout_ = VK_NULL_HANDLE;
  VkPipelineCache cache_ = VK_NULL_HANDLE;
  mutable std::mutex mutex_;
  std::map<Key, VkPipeline> pipelines_;
};

}  // namespace tenon::vulkan
