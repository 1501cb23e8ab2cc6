// What the compiled programs of a driver belong to.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "api.hpp"

namespace tenon::vulkan {

struct DriverIds {
  uint32_t vendor = 0, device = 0, driver_version = 0;
  std::array<uint8_t, VK_UUID_SIZE> cache_uuid{};
};

// Whether the bytes begin as a pipeline cache of this driver does: some drivers believe what they are
// given.
bool is_cache_of(const DriverIds& ids, std::span<const std::byte> bytes);

}  // namespace tenon::vulkan
