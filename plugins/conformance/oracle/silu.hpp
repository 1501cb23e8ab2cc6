// tn.silu in double.
#pragma once

#include <cmath>

namespace tenon::oracle {

inline double silu(double x) { return x * (1 / (1 + std::exp(-x))); }

}  // namespace tenon::oracle
