// A weight in the device's memory.
#pragma once

#include "memory.hpp"

namespace tenon::vulkan {

class Weight {
 public:
  explicit Weight(std::unique_ptr<Range> range) : range_(std::move(range)) {}

  const Range& range() const { return *range_; }

 private:
  std::unique_ptr<Range> range_;
};

inline tn_weight* handle(Weight* weight) { return reinterpret_cast<tn_weight*>(weight); }
inline Weight* weight(tn_weight* handle) { return reinterpret_cast<Weight*>(handle); }
inline const Weight* weight(const tn_weight* handle) {
  return reinterpret_cast<const Weight*>(handle);
}

}  // namespace tenon::vulkan
