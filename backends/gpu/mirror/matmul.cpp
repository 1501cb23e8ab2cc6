// A row is cut into 16 segments of whole units; each is summed from its first term to its last, then
// the segments from left to right. Every operation is rounded by itself.
#include "backends/gpu/mirror/matmul.hpp"

#include <algorithm>

#include "backends/gpu/mirror/group.hpp"

namespace tenon::gpu::mirror {
namespace {

constexpr uint64_t k_segments = 16, k_group = 32;

// add(t, g) is t plus the terms of group g.
template <class Add>
float sum_segments(uint64_t groups, uint64_t unit, const Add& add) {
  const uint64_t units = groups / unit, part = (units + k_segments - 1) / k_segments;
  float sum = 0;
  for (uint64_t s = 0; s < k_segments; ++s) {
    float t = 0;
    for (uint64_t u = s * part; u < std::min((s + 1) * part, units); ++u)
      for (uint64_t g = 0; g < unit; ++g) t = add(t, u * unit + g);
    sum = s == 0 ? t : sum + t;
  }
  return sum;
}

const uint8_t* block_of(const WeightType& type, const uint8_t* row, uint64_t group) {
  return row + group / (type.block_values / k_group) * type.block_bytes;
}

Group group_of_row(const WeightType& type, const uint8_t* row, uint64_t group) {
  const auto in_block = static_cast<uint32_t>(group % (type.block_values / k_group));
  return group_of(type, block_of(type, row, group), in_block);
}

float add_group(float t, const Group& w, const RoundedGroup& x) {
  int32_t sums[2] = {0, 0};
  for (size_t i = 0; i < k_group; ++i) sums[i / 16] += w.signed_q(i) * x.q[i];
  const float low = static_cast<float>(sums[0] * w.sub[0]) * x.scale[0];
  const float high = static_cast<float>(sums[1] * w.sub[1]) * x.scale[1];
  const float both = low + high;
  float u = both * w.scale;
  if (w.has_minimum) {
    const float below = w.minimum * x.sum;
    u = u - below;
  }
  return t + u;
}

}  // namespace

float product_int8(const WeightType& type, const uint8_t* row, const std::vector<RoundedGroup>& x) {
  return sum_segments(x.size(), type.unit, [&](float t, uint64_t g) {
    return add_group(t, group_of_row(type, row, g), x[g]);
  });
}

float product_float(const WeightType& type, const uint8_t* row, const float* x, uint64_t width) {
  return sum_segments(width / k_group, 1, [&](float t, uint64_t g) {
    for (uint32_t i = 0; i < k_group; ++i) {
      const float product = value_of(type, block_of(type, row, g), i) * x[g * k_group + i];
      t = t + product;
    }
    return t;
  });
}

void widen(const WeightType& type, const uint8_t* row, uint64_t width, float* values) {
  for (uint64_t at = 0; at < width; ++at) {
    const auto i = static_cast<uint32_t>(at % k_group);
    if (type.arithmetic == Arithmetic::float_seg16) {
      values[at] = value_of(type, block_of(type, row, at / k_group), i);
      continue;
    }
    const Group g = group_of_row(type, row, at / k_group);
    const float step = g.scale * static_cast<float>(g.sub[i / 16]);
    const float value = step * static_cast<float>(g.signed_q(i));
    values[at] = g.has_minimum ? value - g.minimum : value;
  }
}

}  // namespace tenon::gpu::mirror
