// Looks kernels up in the table that the build has written.
#include "shaders.hpp"

#include <algorithm>
#include <string_view>

namespace tenon::vulkan {

const Shader* find_shader(const char* name) {
  const std::span<const Shader> all = shaders();
  const auto found = std::lower_bound(
      all.begin(), all.end(), std::string_view(name),
      [](const Shader& shader, std::string_view wanted) { return shader.name < wanted; });
  return found != all.end() && std::string_view(found->name) == name ? &*found : nullptr;
}

}  // namespace tenon::vulkan
