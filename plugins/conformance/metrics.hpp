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

// Differences below this are no error: the range where exp of a float over- or underflows.
inline constexpr double k_negligible = 1e-35;

// Distance in units of the last place of the right answer as a float.
inline double ulps(float got, double want) {
  const bool same = std::isnan(want) ? std::isnan(got) : got == want;
  if (same) return 0;
  if (!std::isfinite(got) || !std::isfinite(want)) return std::numeric_limits<double>::infinity();
  const double error = std::fabs(got - want);
  if (error < k_negligible) return 0;
  return error / std::ldexp(1.0, std::ilogb(std::max(std::fabs(want), double{FLT_MIN})) - 23);
}

}  // namespace tenon::conformance
