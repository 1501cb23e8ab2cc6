// Row norms. A row's scale depends on its values only: the sum has one fixed order.
#pragma once

#include <cmath>

#include "backends/cpu/simd/ops/common.hpp"

namespace tenon::cpu {

inline float sum_of_squares(int64_t n, const float* x) {
  return simd::sum(n, x, [](auto v, auto s) { return simd::fma(v, v, s); });
}

// 1 / sqrt(mean(x^2) + eps)
inline simd::VecF rms_scale(int64_t n, const float* x, float eps) {
  return simd::set1(1.0f / std::sqrt(sum_of_squares(n, x) / static_cast<float>(n) + eps));
}

// y = x / sqrt(mean(x^2) + eps) * w
inline void rms_norm_mul_row(int64_t n, float* y, const float* x, const float* w, float eps) {
  const simd::VecF scale = rms_scale(n, x, eps);
  simd::map(
      n, y, [=](auto v, auto gain) { return v * scale * gain; }, x, w);
}

}  // namespace tenon::cpu
