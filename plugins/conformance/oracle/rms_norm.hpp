// tn.rms_norm of one row in double.
#pragma once

#include <cmath>
#include <vector>

namespace tenon::oracle {

inline std::vector<double> rms_norm(std::vector<double> x, double eps) {
  double mean = 0;
  for (const double v : x) mean += v * v / static_cast<double>(x.size());
  for (double& v : x) v /= std::sqrt(mean + eps);
  return x;
}

}  // namespace tenon::oracle
