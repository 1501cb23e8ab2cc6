// A weight in the device's memory, packed on the host and uploaded through staging memory.
#pragma once

#include <tenon/abi/device.h>

#include "memory.hpp"
#include "stream.hpp"

namespace tenon::vulkan {

class Weight {
 public:
  // TN_ERR_UNSUPPORTED: a layout that this device does not store.
  static tn_status put(Gpu& gpu, Memory& memory, Stream& stream, const tn_weight_desc& desc,
                       std::unique_ptr<Weight>& out);

  const Range& range() const { return *range_; }
  uint64_t bytes() const { return bytes_; }  // that kernels may read
  // Of k_tile_rows rows; 0: stored as in the file.
  uint64_t tile_bytes() const { return tile_bytes_; }

 private:
  std::unique_ptr<Range> range_;
  uint64_t bytes_ = 0, tile_bytes_ = 0;
};

inline constexpr uint32_t k_tile_rows = 16;

inline tn_weight* handle(Weight* weight) { return reinterpret_cast<tn_weight*>(weight); }
inline Weight* weight(tn_weight* handle) { return reinterpret_cast<Weight*>(handle); }

}  // namespace tenon::vulkan
