// GraphContext: what all shape buckets of a model share: the placed graph, weights, caches and arenas.
#pragma once

#include "framework/device/device.hpp"
#include "framework/placement/partition.hpp"

namespace tenon {

using WeightHandles = std::map<WeightPlace, OwnedWeight>;

// Must outlive the shape buckets.
struct GraphContext {
  const HostTable* host = nullptr;
  Graph graph;
  Placement placement;
  std::vector<Target> targets;
  std::vector<Partition> partitions;
  WeightHandles weights;
  std::vector<OwnedKv> kv;           // per target; empty where no layer keeps its cache
  std::vector<DeviceQueue> queues;   // per target
  std::vector<DeviceBuffer> arenas;  // per target, large enough for every shape bucket
  std::vector<std::byte> staging;
};

}  // namespace tenon
