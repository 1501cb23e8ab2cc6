// The table is written by the build.
#include "kernels.hpp"

#include <algorithm>

namespace tenon::opencl {

const Kernel* find_kernel(std::string_view name) {
  const std::span<const Kernel> all = kernels();
  const auto found = std::lower_bound(
      all.begin(), all.end(), name, [](const Kernel& k, std::string_view n) { return k.name < n; });
  return found != all.end() && found->name == name ? &*found : nullptr;
}

}  // namespace tenon::opencl
