// Segments: runs of consecutive nodes on one device, and the values that cross between devices.
#pragma once

#include "framework/graph/place.hpp"

namespace tenon {

// All values are roots. A value is copied to a device once, before the first segment that reads it.
struct Segment {
  std::uint32_t device = 0;
  std::uint32_t first = 0, last = 0;  // nodes [first, last)
  std::vector<ValueId> copies_in;     // computed by an earlier segment of another device
  std::vector<ValueId> kept;          // computed here, read by another segment or by the host
};

std::vector<Segment> make_segments(const Graph& graph, const Placement& placement);

// Host inputs that some node on `device` reads.
std::vector<ValueId> inputs_of(const Graph& graph, const Placement& placement,
                               std::uint32_t device);

// Whether a value lives in the planned memory of a device: inputs and computed values.
bool is_planned(const Graph& graph, ValueId root);

}  // namespace tenon
