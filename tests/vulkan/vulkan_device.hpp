// The Vulkan plugin's first device, opened as a host would.
#pragma once

#include "tests/sdk/foreign_device.hpp"

namespace tenon::conformance {

class VulkanDevice : public ForeignDevice {
 protected:
  tn_heap heap() const {
    tn_heap heap{};
    heap.struct_size = sizeof heap;
    uint32_t n = 0;
    EXPECT_EQ(api_->get_heaps(device_, &heap, sizeof heap, 1, &n), TN_OK);
    EXPECT_EQ(n, 1u);
    return heap;
  }
};

}  // namespace tenon::conformance
