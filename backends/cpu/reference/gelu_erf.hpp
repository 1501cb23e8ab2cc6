// tn.gelu_erf: x/2 * (1 + erf(x / sqrt(2))).
#pragma once

#include <cmath>
#include <numbers>

#include "describe.hpp"
#include "elementwise.hpp"

namespace tenon::cpu::reference {

// erfc keeps the digits that 1 + erf loses for negative x.
inline double gelu_erf(double x) { return 0.5 * x * std::erfc(-x / std::numbers::sqrt2); }

using GeluErf = Unary<gelu_erf>;

inline constexpr std::array k_gelu_erf_kernels = {unary<GeluErf, "gelu_erf">(TN_OP_GELU_ERF)};

}  // namespace tenon::cpu::reference
