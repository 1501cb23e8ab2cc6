// A weight in the device's memory, and how it is stored there.
#pragma once

#include <tenon/abi/device.h>

#include <optional>

#include "backends/gpu/layouts/r16.hpp"
#include "memory.hpp"

namespace tenon::vulkan {

// How a weight is stored that has the layout of the device's own; nothing: it is plain.
std::optional<gpu::R16> r16_of(const tn_host* host, const tn_tensor& t);

// The name of the layout that a weight is asked to be stored in.
const char* layout_of(const tn_host* host, const tn_tensor& t);

class Weight {
 public:
  explicit Weight(std::unique_ptr<Range> range) : range_(std::move(range)) {}

  const Range& range() const { return *range_; }

 private:
  std::unique_ptr<Range> range_;
};

inline tn_weight* handle(Weight* weight) { return reinterpret_cast<tn_weight*>(weight); }
inline Weight* weight(tn_weight* handle) { return reinterpret_cast<Weight*>(handle); }

}  // namespace tenon::vulkan
