// Bytes that are no cache of this driver never reach it.
#include "backends/vulkan/driver_ids.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace tenon::vulkan {
namespace {

std::vector<std::byte> cache_of(const DriverIds& ids, size_t more = 10) {
  VkPipelineCacheHeaderVersionOne head{};
  head.headerSize = sizeof head;
  head.headerVersion = VK_PIPELINE_CACHE_HEADER_VERSION_ONE;
  head.vendorID = ids.vendor;
  head.deviceID = ids.device;
  std::copy(ids.cache_uuid.begin(), ids.cache_uuid.end(), head.pipelineCacheUUID);
  std::vector<std::byte> bytes(sizeof head + more);
  std::memcpy(bytes.data(), &head, sizeof head);
  return bytes;
}

TEST(DriverIds, OnlyItsOwnCacheIsBelieved) {
  const DriverIds ours = {1, 2, 3, {4, 5, 6}};
  EXPECT_TRUE(is_cache_of(ours, cache_of(ours)));
  EXPECT_TRUE(is_cache_of(ours, cache_of(ours, 0)));
  EXPECT_FALSE(is_cache_of(ours, cache_of({9, 2, 3, {4, 5, 6}})));
  EXPECT_FALSE(is_cache_of(ours, cache_of({1, 9, 3, {4, 5, 6}})));
  EXPECT_FALSE(is_cache_of(ours, cache_of({1, 2, 3, {4, 5, 7}})));
  const auto whole = cache_of(ours);
  for (size_t n = 0; n < sizeof(VkPipelineCacheHeaderVersionOne); ++n)
    EXPECT_FALSE(is_cache_of(ours, std::span(whole).first(n))) << n;
  for (const uint32_t size : {0u, 8u, 1000u}) {
    auto bytes = whole;
    std::memcpy(bytes.data(), &size, sizeof size);
    EXPECT_FALSE(is_cache_of(ours, bytes)) << size;
  }
}

}  // namespace
}  // namespace tenon::vulkan
