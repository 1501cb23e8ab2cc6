// Heaps, buffers and map.
#include <gtest/gtest.h>

#include <cstdint>

#include "tests/unit/cpu_device/open_device.hpp"

namespace tenon::test {
namespace {

class MemoryTest : public testing::Test {
 protected:
  OpenDevice device;
  const tn_device_api* api = device.api;
  tn_device* dev = device.dev;
};

TEST_F(MemoryTest, OneHeapWithPlausibleSizes) {
  uint32_t n = 0;
  ASSERT_EQ(api->get_heaps(dev, nullptr, 0, 0, &n), TN_OK);
  EXPECT_EQ(n, 1u);
  tn_heap heap = {};
  heap.struct_size = sizeof heap;
  ASSERT_EQ(api->get_heaps(dev, &heap, sizeof heap, 1, &n), TN_OK);
  EXPECT_GT(heap.size, uint64_t{64} << 20);
  EXPECT_GT(heap.budget, 0u);
  EXPECT_LE(heap.budget, heap.size);
  EXPECT_EQ(heap.alignment, 64u);
  EXPECT_NE(heap.flags & TN_HEAP_HOST_COHERENT, 0u);
  EXPECT_EQ(api->get_heaps(dev, &heap, sizeof heap, 1, nullptr), TN_ERR_INVALID);
}

TEST_F(MemoryTest, BuffersAreAlignedZeroedAndWritableToTheEnd) {
  for (uint64_t size : {1ull, 63ull, 4097ull, (2ull << 20) - 1, 2ull << 20, (5ull << 20) + 3}) {
    tn_buffer* buffer = device.buffer(size);
    auto* bytes = device.map<unsigned char>(buffer);
    const uint64_t unit = size >= (2u << 20) ? 2u << 20 : 64;
    EXPECT_EQ(reinterpret_cast<uintptr_t>(bytes) % unit, 0u) << size;
    EXPECT_EQ(bytes[0], 0);
    EXPECT_EQ(bytes[size - 1], 0);
    bytes[0] = bytes[size - 1] = 1;
    EXPECT_EQ(api->buffer_unmap(dev, buffer), TN_OK);
    api->buffer_free(dev, buffer);
  }
}

TEST_F(MemoryTest, TooMuchSaysHowMuch) {
  tn_buffer* buffer = nullptr;
  EXPECT_EQ(api->buffer_alloc(dev, 0, uint64_t{1} << 50, 0, &buffer), TN_ERR_OOM);
  EXPECT_NE(device.host.error().find("1073741824 MiB"), std::string::npos) << device.host.error();
  EXPECT_NE(device.host.error().find("available"), std::string::npos);
  EXPECT_EQ(api->buffer_alloc(dev, 0, UINT64_MAX, 0, &buffer), TN_ERR_OOM);
  EXPECT_EQ(buffer, nullptr);
}

TEST_F(MemoryTest, InvalidRequests) {
  tn_buffer* buffer = nullptr;
  EXPECT_EQ(api->buffer_alloc(dev, 0, 0, 0, &buffer), TN_ERR_INVALID);
  EXPECT_EQ(api->buffer_alloc(dev, 1, 64, 0, &buffer), TN_ERR_INVALID);
  EXPECT_EQ(api->buffer_alloc(dev, 0, 64, 0, nullptr), TN_ERR_INVALID);
  buffer = device.buffer(64);
  void* at = nullptr;
  EXPECT_EQ(api->buffer_map(dev, buffer, 0, 65, TN_MAP_READ, &at), TN_ERR_INVALID);
  EXPECT_EQ(api->buffer_map(dev, buffer, 65, 0, TN_MAP_READ, &at), TN_ERR_INVALID);
  EXPECT_EQ(api->buffer_map(dev, buffer, UINT64_MAX, 2, TN_MAP_READ, &at), TN_ERR_INVALID);
  EXPECT_EQ(api->buffer_map(dev, buffer, 0, 64, 0, &at), TN_ERR_INVALID);
  EXPECT_EQ(api->buffer_map(dev, buffer, 0, 64, 8, &at), TN_ERR_INVALID);
  EXPECT_EQ(api->buffer_map(dev, nullptr, 0, 64, TN_MAP_READ, &at), TN_ERR_INVALID);
  EXPECT_EQ(api->buffer_map(dev, buffer, 0, 64, TN_MAP_READ, nullptr), TN_ERR_INVALID);
  EXPECT_EQ(api->buffer_unmap(dev, nullptr), TN_ERR_INVALID);
  api->buffer_free(dev, buffer);
  api->buffer_free(dev, nullptr);
}

}  // namespace
}  // namespace tenon::test
