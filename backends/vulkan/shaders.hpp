// The kernels of the build: SPIR-V modules by name (shaders.def), in the order of their names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tenon::vulkan {

struct Shader {
  const char* name;
  const uint32_t* words;
  size_t bytes;
};

std::span<const Shader> shaders();
// Of their names and words.
uint64_t hash_of_shaders();
// NULL if there is none of that name.
const Shader* find_shader(const char* name);

}  // namespace tenon::vulkan
