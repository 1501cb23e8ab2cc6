// Rows of norms and softmax as their kernels compute them.
#pragma once

#include <vector>

#include "functions.hpp"
#include "lanes.hpp"

namespace tenon::gpu::mirror {

using Row = std::vector<float>;

inline Row rms_norm(const Row& x, float eps) {
  const auto n = static_cast<float>(x.size());
  const float squares = lane_sum(x.size(), [&](std::size_t i) { return x[i] * x[i]; });
  const float factor = rsqrt(divide(squares, n) + eps);
  Row y(x);
  for (float& v : y) v = v * factor;
  return y;
}

inline Row layer_norm(const Row& x, float eps) {
  const auto n = static_cast<float>(x.size());
  const float mean = divide(lane_sum(x.size(), [&](std::size_t i) { return x[i]; }), n);
  const float squares = lane_sum(x.size(), [&](std::size_t i) {
    const float apart = x[i] - mean;
    return apart * apart;
  });
  const float factor = rsqrt(divide(squares, n) + eps);
  Row y(x);
  for (float& v : y) v = (v - mean) * factor;
  return y;
}

inline Row softmax(const Row& x) {
  const float none = of_bits(k_sign | k_infinity);
  Lanes own;
  own.fill(none);
  for (std::size_t i = 0; i < x.size(); ++i)
    if (x[i] > own[i % 256]) own[i % 256] = x[i];
  const float largest = largest_of_lanes(own);
  const auto share = [&](std::size_t i) {
    return bits_of(x[i]) == bits_of(none) ? 0.0f : exponential(x[i] - largest);
  };
  const float total = lane_sum(x.size(), share), part = total == 0.0f ? 0.0f : recip(total);
  Row y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) y[i] = share(i) * part;
  return y;
}

}  // namespace tenon::gpu::mirror
