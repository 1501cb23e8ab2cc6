// tn.softmax of one row in double; nothing but -infinity gives zeros.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace tenon::oracle {

inline std::vector<double> softmax(std::vector<double> x) {
  const double largest = *std::max_element(x.begin(), x.end());
  if (std::isinf(largest) && largest < 0) return std::vector<double>(x.size(), 0.0);
  double sum = 0;
  for (double& v : x) v = std::exp(v - largest);
  for (const double v : x) sum += v;
  for (double& v : x) v /= sum;
  return x;
}

}  // namespace tenon::oracle
