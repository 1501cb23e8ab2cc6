// The file's own head (length, sum, key) is checked by FileCache, that of Vulkan here.
#include "pipeline_cache.hpp"

#include <cstdio>

#include "shaders.hpp"

namespace tenon::vulkan {

std::string memory_key(const Gpu& gpu, const char* what) {
  const DriverIds& ids = gpu.physical().ids;
  std::array<char, 160> text{};
  int n = std::snprintf(text.data(), text.size(), "%s %08x %08x %08x %016llx ", what, ids.vendor,
                        ids.device, ids.driver_version,
                        static_cast<unsigned long long>(hash_of_shaders()));
  for (const uint8_t byte : ids.cache_uuid)
    n += std::snprintf(text.data() + n, text.size() - static_cast<size_t>(n), "%02x", byte);
  return text.data() + (' ' + gpu.physical().name) + '\n' + gpu.requests().lies.text();
}

PipelineCache::~PipelineCache() { gpu_.api().DestroyPipelineCache(gpu_.handle(), cache_, nullptr); }

tn_status PipelineCache::open() {
  key_ = memory_key(gpu_, "pipelines");
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
