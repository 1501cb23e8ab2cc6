// tn.silu: x / (1 + exp(-x)).
#pragma once

#include <cmath>

#include "describe.hpp"
#include "elementwise.hpp"

namespace tenon::cpu::reference {

inline double silu(double x) { return x / (1.0 + std::exp(-x)); }

using Silu = Unary<silu>;

inline constexpr std::array k_silu_kernels = {unary<Silu, "silu">(TN_OP_SILU)};

}  // namespace tenon::cpu::reference
