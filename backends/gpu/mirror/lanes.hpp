// Sums over the 256 lanes of a work-group (lanes.glsl): lane l takes the values l, l+256, … in order,
// then the lanes are added by a fixed tree.
#pragma once

#include <array>
#include <cstddef>

namespace tenon::gpu::mirror {

using Lanes = std::array<float, 256>;

inline float sum_of_lanes(Lanes lanes) {
  for (std::size_t n = 128; n > 0; n /= 2)
    for (std::size_t lane = 0; lane < n; ++lane) lanes[lane] = lanes[lane] + lanes[lane + n];
  return lanes[0];
}

// What is no number is passed over, unless it is in lane 0.
inline float largest_of_lanes(Lanes lanes) {
  for (std::size_t n = 128; n > 0; n /= 2)
    for (std::size_t lane = 0; lane < n; ++lane)
      if (lanes[lane + n] > lanes[lane]) lanes[lane] = lanes[lane + n];
  return lanes[0];
}

// The sum of value(0) … value(n-1).
template <class Value>
float lane_sum(std::size_t n, const Value& value) {
  Lanes lanes = {};
  for (std::size_t i = 0; i < n; ++i) lanes[i % 256] = lanes[i % 256] + value(i);
  return sum_of_lanes(lanes);
}

}  // namespace tenon::gpu::mirror
