// GraphContext: what all shape buckets of a model share: the placed graph, weights, caches and arenas.
#pragma once

#include <algorithm>

#include "framework/device/device.hpp"
#include "framework/placement/partition.hpp"

namespace tenon {

using WeightHandles = std::map<WeightPlace, OwnedWeight>;

// Must outlive the shape buckets. Its members end last to first: queues, so that nothing is in
// flight, then what the work used.
struct GraphContext {
  const HostTable* host = nullptr;
  Graph graph;
  Placement placement;
  std::vector<Target> targets;
  std::vector<Partition> partitions;
  std::vector<std::byte> staging;
  std::vector<std::vector<DeviceBuffer>> arenas;  // per target, blocks for every shape bucket
  std::vector<OwnedKv> kv;  // per target; empty where no layer keeps its cache
  WeightHandles weights;
  std::vector<OwnedPlan> plans;     // of all shape buckets
  std::vector<DeviceQueue> queues;  // per target

  // Whether a device was lost: the model must be loaded anew.
  bool lost() const {
    return std::any_of(targets.begin(), targets.end(),
                       [](const Target& t) { return t.device.lost(); });
  }
};

}  // namespace tenon
