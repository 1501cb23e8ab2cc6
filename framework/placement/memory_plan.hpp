// Memory plan: offsets for every input and computed value, by liveness, per device and for staging.
#pragma once

#include "framework/graph/extents.hpp"
#include "framework/placement/partition.hpp"

namespace tenon {

// Offsets in one arena; bytes is what the arena needs.
struct Arena {
  std::map<ValueId, std::uint64_t> offset;  // roots
  std::uint64_t bytes = 0;
};

struct MemoryPlan {
  std::vector<Arena> devices;  // parallel to the targets
  Arena staging;               // host copies of what devices without host memory hand on
};

// `host_memory`: per target, whether the host can address its buffers.
MemoryPlan plan_memory(const Graph& graph, const Placement& placement,
                       const std::vector<Partition>& partitions,
                       const std::vector<bool>& host_memory, const Extents& bounds);

}  // namespace tenon
