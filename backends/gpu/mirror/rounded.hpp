// Activations rounded to int8 per 16 values, as round_rows does it, line by line.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace tenon::gpu::mirror {

// 32 values; value i is about scale[i / 16] * q[i].
struct RoundedGroup {
  std::array<int8_t, 32> q;
  std::array<float, 2> scale;
  std::array<int32_t, 2> sums;  // of q
  float sum;                    // of scale * q
};

// `width`: a multiple of 32.
std::vector<RoundedGroup> round_row(const float* x, uint64_t width);

}  // namespace tenon::gpu::mirror
