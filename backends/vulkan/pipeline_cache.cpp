// The file's own head (length, sum, key) is checked by FileCache, that of Vulkan here.
#include "pipeline_cache.hpp"

#include "memory_key.hpp"

namespace tenon::vulkan {

PipelineCache::~PipelineCache() { gpu_.api().DestroyPipelineCache(gpu_.handle(), cache_, nullptr); }

tn_status PipelineCache::open() {
  key_ = memory_key(gpu_.physical(), gpu_.requests().lies, "pipelines");
  const auto known = disk_.find(key_);
  if (known && is_cache_of(gpu_.physical().ids, *known) && create(*known) == VK_SUCCESS) {
    on_disk_ = gpu::hash_of(*known);
    return TN_OK;
  }
  return gpu_.check(create({}), "a pipeline cache");
}

VkResult PipelineCache::create(std::span<const std::byte> bytes) {
  VkPipelineCacheCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO;
  info.initialDataSize = bytes.size();
  info.pInitialData = bytes.data();
  return gpu_.api().CreatePipelineCache(gpu_.handle(), &info, nullptr, &cache_);
}

void PipelineCache::keep() {
  size_t size = 0;
  const auto ask = [&](void* to) {
    return gpu_.api().GetPipelineCacheData(gpu_.handle(), cache_, &size, to) == VK_SUCCESS;
  };
  if (!ask(nullptr) || size == 0) return;
  std::vector<std::byte> bytes(size);
  if (!ask(bytes.data())) return;
  bytes.resize(size);
  const uint64_t hash = gpu::hash_of(bytes);
  if (hash == on_disk_) return;
  disk_.keep(key_, bytes);
  on_disk_ = hash;
}

}  // namespace tenon::vulkan
