// Partitions: runs of consecutive nodes on one device, and the values that cross between devices. What
// runs only for some results is apart.
#pragma once

#include "framework/placement/place.hpp"

namespace tenon {

// All values are roots. A value is copied to a device once, before the first partition that reads it.
struct Partition {
  std::uint32_t device = 0;
  std::uint32_t first = 0, last = 0;     // nodes [first, last)
  std::vector<ValueId> copies_in;        // computed by an earlier partition of another device
  std::vector<ValueId> kept;             // computed here, read by another partition or by the host
  std::optional<Results> only_for = {};  // that of its nodes
};

std::vector<Partition> make_partitions(const Graph& graph, const Placement& placement);

// Host inputs that some node on `device` reads, of those that run for `only_for`.
std::vector<ValueId> inputs_of(const Graph& graph, const Placement& placement, std::uint32_t device,
                               std::optional<Results> only_for = {});

// Whether a value lives in the planned memory of a device: inputs and computed values.
bool is_planned(const Graph& graph, ValueId root);

}  // namespace tenon
