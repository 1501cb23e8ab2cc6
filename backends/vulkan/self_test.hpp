// The self-test of an opened device, and what is remembered of it.
#pragma once

#include <optional>

#include "gpu.hpp"

namespace tenon::vulkan {

// What a test of this device has found, in this process or another; nothing: there was none.
std::optional<std::vector<gpu::Dropped>> known_test(const Physical& physical, const Lies& lies);

// Tests the kernels unless that is known; those that are wrong are dropped from then on.
tn_status test_once(const tn_host* host, Gpu& gpu, sdk::Device& device);

}  // namespace tenon::vulkan
