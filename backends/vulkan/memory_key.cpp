// A text, so that a file says of what it is.
#include "memory_key.hpp"

#include <array>
#include <cstdio>

#include "shaders.hpp"

namespace tenon::vulkan {

std::string memory_key(const Physical& physical, const Lies& lies, const char* what) {
  static const uint64_t k_shaders = hash_of_shaders();
  const DriverIds& ids = physical.ids;
  std::array<char, 160> text{};
  int n = std::snprintf(text.data(), text.size(), "%s %08x %08x %08x %016llx ", what, ids.vendor,
                        ids.device, ids.driver_version, static_cast<unsigned long long>(k_shaders));
  for (const uint8_t byte : ids.cache_uuid)
    n += std::snprintf(text.data() + n, text.size() - static_cast<size_t>(n), "%02x", byte);
  return text.data() + (' ' + physical.name) + '\n' + lies.text();
}

}  // namespace tenon::vulkan
