// How far a result is from the right answer.
#pragma once

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <limits>
#include <vector>

namespace tenon::conformance {

// Squared error and squared signal, so that results of several calls can be pooled.
struct Noise {
  double error = 0, signal = 0;

  void add(const std::vector<float>& got, const std::vector<double>& want) {
    if (got.size() != want.size()) error = std::numeric_limits<double>::quiet_NaN();
    for (std::size_t i = 0; i < std::min(got.size(), want.size()); ++i) {
      error += (got[i] - want[i]) * (got[i] - want[i]);
      signal += want[i] * want[i];
    }
  }
  // Normalised mean squared error; NaN if any value was.
  double nmse() const { return error == 0 ? 0 : error / signal; }
};

inline double nmse(const std::vector<float>& got, const std::vector<double>& want) {
  Noise noise;
  noise.add(got, want);
  return noise.nmse();
}

// Distance in units of the last place of the nearest float; below the smallest normal float the
// unit stays that of the smallest normal's, because flushing subnormals is allowed.
inline double ulps(float got, double want) {
  if (std::isnan(want) || std::isinf(want))
    return std::isnan(want) ? (std::isnan(got) ? 0 : 1e9) : (got == want ? 0 : 1e9);
  if (!std::isfinite(got)) return std::numeric_limits<double>::infinity();
  const double magnitude = std::fabs(want);
  if (magnitude < FLT_MIN) return std::fabs(got - want) / FLT_MIN;
  return std::fabs(got - want) / std::ldexp(1.0, std::ilogb(magnitude) - 23);
}

}  // namespace tenon::conformance
