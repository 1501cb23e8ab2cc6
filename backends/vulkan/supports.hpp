// Which nodes this device runs: the ops of backends/gpu, where the build has their kernels and the
// device the room.
#pragma once

#include <vector>

#include "backends/gpu/ops.hpp"
#include "gpu.hpp"

namespace tenon::vulkan {

// The launches of a node, checked against the device. Anything but TN_OK: set_error says why.
tn_status dispatches_of(Gpu& gpu, const gpu::NodeView& node, std::vector<gpu::Dispatch>& out);

// The answer to the host's question.
tn_status supports(Gpu& gpu, const tn_node_query& query, tn_support* inout);

}  // namespace tenon::vulkan
