// tn.mul: a * b.
#pragma once

#include "elementwise.hpp"

namespace tenon::cpu::reference {

inline double mul(double a, double b) { return a * b; }

using Mul = Binary<mul, true>;

}  // namespace tenon::cpu::reference
