// Sums in a fixed order, shared by the kernels.
#pragma once

#include <cstdint>

namespace foreign {

// Sixteen partial sums: value i goes into sum i % 16, so that the compiler may use vectors without
// changing the order, and a row has the same bits from both matmuls.
inline void add_products(const float* a, const float* b, int64_t n, float* sum) {
  int64_t i = 0;
  for (; i + 16 <= n; i += 16)
    for (int64_t j = 0; j < 16; ++j) sum[j] += a[i + j] * b[i + j];
  for (; i < n; ++i) sum[i % 16] += a[i] * b[i];
}
inline float total(float* sum) {
  for (int64_t half = 8; half > 0; half /= 2)
    for (int64_t j = 0; j < half; ++j) sum[j] += sum[j + half];
  return sum[0];
}
inline float dot(const float* a, const float* b, int64_t n) {
  float sum[16] = {};
  add_products(a, b, n, sum);
  return total(sum);
}

}  // namespace foreign
