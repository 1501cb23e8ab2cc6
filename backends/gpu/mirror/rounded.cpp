// Division is not exact on every device: scales come from a product, their inverse from Newton steps.
#include "backends/gpu/mirror/rounded.hpp"

#include <algorithm>
#include <bit>

namespace tenon::gpu::mirror {
namespace {

constexpr uint32_t k_infinite = 0x7f800000u, k_too_small = 0x0d800000u;  // 2^-100: counts as 0

float reciprocal(float a) {
  float r = std::bit_cast<float>(0x7ef311c7u - std::bit_cast<uint32_t>(a));
  for (int i = 0; i < 4; ++i) {
    const float product = a * r, rest = 2.0f - product;
    r = r * rest;
  }
  return r;
}

// By bits, which order magnitudes as the numbers do and put NaN above all.
uint32_t largest(const float* x) {
  uint32_t most = 0;
  for (int i = 0; i < 16; ++i) most = std::max(most, std::bit_cast<uint32_t>(x[i]) & 0x7fffffffu);
  return most;
}

void round_half(const float* x, size_t half, RoundedGroup& out) {
  const uint32_t most = largest(x);
  const float scale = std::bit_cast<float>(most) * (1.0f / 127.0f);
  out.scale[half] = most < k_too_small ? 0.0f : scale;
  if (most < k_too_small || most >= k_infinite) return;
  const float inverse = reciprocal(scale);
  for (size_t i = 0; i < 16; ++i) {
    const float product = x[i] * inverse;
    const float shifted = product + 12582912.0f;  // 1.5 * 2^23: rounds to whole numbers
    const int32_t q = std::bit_cast<int32_t>(shifted) - 0x4b400000;
    out.q[16 * half + i] = static_cast<int8_t>(q);
    out.sums[half] += q;
  }
}

}  // namespace

std::vector<RoundedGroup> round_row(const float* x, uint64_t width) {
  std::vector<RoundedGroup> row(width / 32);
  for (RoundedGroup& group : row) {
    round_half(x, 0, group);
    round_half(x + 16, 1, group);
    const float low = group.scale[0] * static_cast<float>(group.sums[0]);
    const float high = group.scale[1] * static_cast<float>(group.sums[1]);
    group.sum = low + high;
    x += 32;
  }
  return row;
}

}  // namespace tenon::gpu::mirror
