// Looks kernels up in the table that the build has written.
#include "shaders.hpp"

#include <algorithm>
#include <string_view>

#include "backends/gpu/file_cache.hpp"

namespace tenon::vulkan {

const Shader* find_shader(const char* name) {
  const std::span<const Shader> all = shaders();
  const auto found = std::lower_bound(
      all.begin(), all.end(), std::string_view(name),
      [](const Shader& shader, std::string_view wanted) { return shader.name < wanted; });
  return found != all.end() && std::string_view(found->name) == name ? &*found : nullptr;
}

uint64_t hash_of_shaders() {
  uint64_t hash = 0;
  for (const Shader& shader : shaders()) {
    hash = gpu::hash_of(std::as_bytes(std::span(std::string_view(shader.name))), hash);
    hash = gpu::hash_of(std::as_bytes(std::span(shader.words, shader.bytes / 4)), hash);
  }
  return hash;
}

}  // namespace tenon::vulkan
