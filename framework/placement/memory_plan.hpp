// Memory plan: offsets for every input and computed value, by liveness, per device and for staging.
#pragma once

#include "framework/graph/extents.hpp"
#include "framework/placement/partition.hpp"

namespace tenon {

// What is asked of the memory of a target.
struct ArenaRules {
  bool host_memory = true;               // the host can address its buffers
  std::uint64_t alignment = 64;          // of every value, in bytes
  std::uint64_t max_block = UINT64_MAX;  // bytes
};

struct ArenaPlace {
  std::uint32_t block = 0;
  std::uint64_t offset = 0;  // bytes from the start of the block
};

// An arena is a list of blocks, so that none is larger than a buffer may be. A value that is larger
// has a block of its own: check_operands says so.
struct Arena {
  std::map<ValueId, ArenaPlace> places;  // roots
  std::vector<std::uint64_t> blocks;     // bytes of each
  std::uint64_t bytes() const;           // of all blocks
};

struct MemoryPlan {
  std::vector<Arena> devices;  // parallel to the targets
  Arena staging;               // host copies of what devices without host memory hand on
};

// `rules`: per target.
MemoryPlan plan_memory(const Graph& graph, const Placement& placement,
                       const std::vector<Partition>& partitions,
                       const std::vector<ArenaRules>& rules, const Extents& bounds);

}  // namespace tenon
