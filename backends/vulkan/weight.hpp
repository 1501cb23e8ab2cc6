// A weight in the device's memory, packed on the host and uploaded through staging memory.
#pragma once

#include <tenon/abi/device.h>

#include <optional>

#include "backends/gpu/layouts/r16.hpp"
#include "memory.hpp"
#include "stream.hpp"

namespace tenon::vulkan {

// How a weight is stored that has the layout of the device's own; nothing: it is plain.
std::optional<gpu::R16> r16_of(const tn_host* host, const tn_tensor& t);

class Weight {
 public:
  // TN_ERR_UNSUPPORTED: a layout that this device does not store.
  static tn_status put(Gpu& gpu, Memory& memory, Stream& stream, const tn_weight_desc& desc,
                       std::unique_ptr<Weight>& out);

  const Range& range() const { return *range_; }

 private:
  std::unique_ptr<Range> range_;
};

inline tn_weight* handle(Weight* weight) { return reinterpret_cast<tn_weight*>(weight); }
inline Weight* weight(tn_weight* handle) { return reinterpret_cast<Weight*>(handle); }

}  // namespace tenon::vulkan
