// tn.geglu: gelu_tanh(gate) * up.
#pragma once

#include "gelu_tanh.hpp"

namespace tenon::cpu::reference {

inline double geglu(double gate, double up) { return gelu_tanh(gate) * up; }

using Geglu = Binary<geglu>;

}  // namespace tenon::cpu::reference
