// 32 values of a weight as the kernels see them: from a plain block, so that a mistake in the packed
// layout shows.
#pragma once

#include <array>
#include <cstdint>

#include "backends/gpu/layouts/weight_type.hpp"

namespace tenon::gpu::mirror {

// Value i is scale * sub[i / 16] * (q[i] - offset) - minimum.
struct Group {
  std::array<uint8_t, 32> q;  // of q8_0: signed
  std::array<int32_t, 2> sub = {1, 1};
  int32_t offset = 0;
  bool has_minimum = false;
  float scale = 0, minimum = 0;

  int32_t signed_q(size_t i) const { return static_cast<int8_t>(q[i]) - offset; }
};

// Group `number` of a block of a quantised type.
Group group_of(const WeightType& type, const uint8_t* block, uint32_t number);

// Value i of a block of a type of single values.
float value_of(const WeightType& type, const uint8_t* block, uint32_t i);

}  // namespace tenon::gpu::mirror
