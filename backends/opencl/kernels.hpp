// The kernels of the build: sources by name (kernels.def), in the order of their names.
#pragma once

#include <span>
#include <string_view>

namespace tenon::opencl {

struct Kernel {
  std::string_view name, source;
};

std::span<const Kernel> kernels();
// NULL if there is none of that name.
const Kernel* find_kernel(std::string_view name);

}  // namespace tenon::opencl
