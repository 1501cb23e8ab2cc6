// tn.matmul in double, and what ideal rounding of the activations would give.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace tenon::oracle {

using Values = std::vector<double>;

// x (T,K), w (N,K) -> (T,N)
inline Values matmul(const Values& x, const Values& w, int64_t k) {
  const auto width = static_cast<std::size_t>(k);
  const std::size_t tokens = x.size() / width, rows = w.size() / width;
  Values y(tokens * rows);
  for (std::size_t t = 0; t < tokens; ++t) {
    for (std::size_t n = 0; n < rows; ++n) {
      for (std::size_t i = 0; i < width; ++i)
        y[t * rows + n] += x[t * width + i] * w[n * width + i];
    }
  }
  return y;
}

// Each row of x in blocks: the largest magnitude becomes 127, the rest the nearest integer.
inline Values round_int8(Values x, int64_t k, int64_t block) {
  for (std::size_t row = 0; row < x.size(); row += static_cast<std::size_t>(k)) {
    for (int64_t at = 0; at < k; at += block) {
      const auto first = x.begin() + static_cast<std::ptrdiff_t>(row) + at;
      const auto last = first + std::min(block, k - at);
      double largest = 0;
      for (auto v = first; v != last; ++v) largest = std::max(largest, std::fabs(*v));
      const double scale = largest / 127;
      for (auto v = first; v != last; ++v) *v = scale == 0 ? 0 : std::nearbyint(*v / scale) * scale;
    }
  }
  return x;
}

}  // namespace tenon::oracle
