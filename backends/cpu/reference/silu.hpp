// tn.silu: x / (1 + exp(-x)).
#pragma once

#include <cmath>

#include "elementwise.hpp"

namespace tenon::cpu::reference {

inline double silu(double x) { return x / (1.0 + std::exp(-x)); }

using Silu = Unary<silu>;

}  // namespace tenon::cpu::reference
