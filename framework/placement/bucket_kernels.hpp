// The kernels of one shape bucket: one row wants another kernel than many.
#pragma once

#include "framework/placement/place.hpp"

namespace tenon {

// Per node the best kernel that runs it within `bounds`, of the same arithmetic and for the same
// layouts of weights as the kernel of the placement; nullptr on devices without a slot. Errors:
// ErrorCode::unavailable for a node that no such kernel runs.
Result<std::vector<const tn_kernel_desc*>> bucket_kernels(
    const Graph& graph, const Placement& placement, std::span<const Target> targets,
    const KernelSources& sources, const HostTable& host, const Extents& bounds);

}  // namespace tenon
