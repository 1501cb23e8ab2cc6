// tn.swiglu: silu(gate) * up.
#pragma once

#include "describe.hpp"
#include "silu.hpp"

namespace tenon::cpu::reference {

inline double swiglu(double gate, double up) { return silu(gate) * up; }

using Swiglu = Binary<swiglu>;

inline constexpr std::array k_swiglu_kernels = {binary<Swiglu, "swiglu">(TN_OP_SWIGLU)};

}  // namespace tenon::cpu::reference
