// tn.layer_norm of one row in double.
#pragma once

#include <cmath>
#include <vector>

namespace tenon::oracle {

inline std::vector<double> layer_norm(std::vector<double> x, double eps) {
  const auto n = static_cast<double>(x.size());
  double mean = 0, variance = 0;
  for (const double v : x) mean += v / n;
  for (const double v : x) variance += (v - mean) * (v - mean) / n;
  for (double& v : x) v = (v - mean) / std::sqrt(variance + eps);
  return x;
}

}  // namespace tenon::oracle
