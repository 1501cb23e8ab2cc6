// What the driver made of kernels, kept on disk from one process to the next.
#pragma once

#include <optional>
#include <vector>

#include "backends/gpu/file_cache.hpp"
#include "gpu.hpp"

namespace tenon::vulkan {

class PipelineCache {
 public:
  explicit PipelineCache(Gpu& gpu) : gpu_(gpu), disk_(gpu::FileCache::of_user("vulkan")) {}
  ~PipelineCache();
  PipelineCache(const PipelineCache&) = delete;
  PipelineCache& operator=(const PipelineCache&) = delete;

  // With what is on disk, if that is whole and of this driver; else empty.
  tn_status open();
  VkPipelineCache handle() const { return cache_; }
  // Writes it to disk if it has changed; failing is no failure.
  void keep();

 private:
  VkResult create(std::span<const std::byte> bytes);

  Gpu& gpu_;
  gpu::FileCache disk_;
  std::string key_;
  VkPipelineCache cache_ = VK_NULL_HANDLE;
  uint64_t on_disk_ = 0;  // hash of what is there
};

}  // namespace tenon::vulkan
