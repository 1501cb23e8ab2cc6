// tn.rope of one head in double.
#pragma once

#include <tenon/abi/ops.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace tenon::oracle {

// factors: one per pair, or empty.
inline double rope_angle(const tn_rope_params& p, const std::vector<float>& factors, uint32_t pair,
                         double position) {
  double frequency = 1 / std::pow(static_cast<double>(p.base), 2.0 * pair / p.n_dims);
  if (!factors.empty()) frequency /= factors[pair];
  const double low = p.yarn_low, high = p.yarn_high;
  const double ramp = std::min(1.0, std::max(0.0, (pair - low) / std::max(0.001, high - low)));
  const double keep = p.yarn_extrapolation * (1 - ramp);
  return position * frequency * (keep + (1 - keep) * p.freq_scale);
}

// Where a row stands, and which factors it takes (SELECT).
struct RopeRow {
  double position;
  int32_t select = 0;
};

inline std::vector<double> rope(std::vector<double> x, const tn_rope_params& p, uint64_t features,
                                const std::vector<float>& factors, RopeRow row,
                                const std::vector<float>& other_factors = {}) {
  const bool other = (features & TN_ROPE_SELECT) != 0 && row.select != 0;
  const uint32_t pairs = p.n_dims / 2;
  for (uint32_t i = 0; i < pairs; ++i) {
    const bool halves = (features & TN_ROPE_HALVES) != 0;
    double& a = x[halves ? i : 2 * i];
    double& b = x[halves ? i + pairs : 2 * i + 1];
    const double angle = rope_angle(p, other ? other_factors : factors, i, row.position), a0 = a,
                 b0 = b;
    a = p.magnitude * (a0 * std::cos(angle) - b0 * std::sin(angle));
    b = p.magnitude * (a0 * std::sin(angle) + b0 * std::cos(angle));
  }
  return x;
}

}  // namespace tenon::oracle
