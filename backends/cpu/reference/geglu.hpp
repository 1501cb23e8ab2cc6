// tn.geglu: gelu_tanh(gate) * up.
#pragma once

#include "describe.hpp"
#include "gelu_tanh.hpp"

namespace tenon::cpu::reference {

inline double geglu(double gate, double up) { return gelu_tanh(gate) * up; }

using Geglu = Binary<geglu>;

inline constexpr std::array k_geglu_kernels = {binary<Geglu, "geglu">(TN_OP_GEGLU)};

}  // namespace tenon::cpu::reference
