// The kernels of the build by name (kernels.def), in the order of their names.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tenon::opencl {

struct Kernel {
  std::string_view name;
  std::string_view function;  // in its source
  std::string_view defines;   // " -DQ8_0", or nothing: options of its build
  std::string_view source;    // includes in place
  // Or several kernels together, built with the constants of these bits; others come with the launch.
  std::string_view program;
  uint32_t fixed;
};

std::span<const Kernel> kernels();
// NULL if there is none of that name.
const Kernel* find_kernel(std::string_view name);

}  // namespace tenon::opencl
