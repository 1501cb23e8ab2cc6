// tn.gelu_tanh in double.
#pragma once

#include <cmath>

namespace tenon::oracle {

// (1 + tanh u)/2 is the logistic function of 2u, which loses no digits for negative u.
inline double gelu_tanh(double x) {
  const double u = 0.79788456080286535588 * (x + 0.044715 * std::pow(x, 3));
  return x / (1 + std::exp(-2 * u));
}

}  // namespace tenon::oracle
