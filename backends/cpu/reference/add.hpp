// tn.add: a + b.
#pragma once

#include "elementwise.hpp"

namespace tenon::cpu::reference {

inline double add(double a, double b) { return a + b; }

using Add = Binary<add, true>;

}  // namespace tenon::cpu::reference
