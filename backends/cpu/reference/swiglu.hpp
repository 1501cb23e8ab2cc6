// tn.swiglu: silu(gate) * up.
#pragma once

#include "silu.hpp"

namespace tenon::cpu::reference {

inline double swiglu(double gate, double up) { return silu(gate) * up; }

using Swiglu = Binary<swiglu>;

}  // namespace tenon::cpu::reference
