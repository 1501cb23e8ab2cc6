// tn.gelu_erf in double.
#pragma once

#include <cmath>

namespace tenon::oracle {

inline double gelu_erf(double x) {
  return x >= 0 ? x * (1 + std::erf(x / std::sqrt(2.0))) / 2
                : x * std::erfc(-x / std::sqrt(2.0)) / 2;
}

}  // namespace tenon::oracle
