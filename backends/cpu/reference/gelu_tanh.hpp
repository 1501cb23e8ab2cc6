// tn.gelu_tanh: x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3))).
#pragma once

#include <cmath>
#include <numbers>

#include "describe.hpp"
#include "elementwise.hpp"

namespace tenon::cpu::reference {

inline double gelu_tanh(double x) {
  const double inner = std::sqrt(2.0 / std::numbers::pi) * (x + 0.044715 * x * x * x);
  return 0.5 * x * (1.0 + std::tanh(inner));
}

using GeluTanh = Unary<gelu_tanh>;

inline constexpr std::array k_gelu_tanh_kernels = {unary<GeluTanh, "gelu_tanh">(TN_OP_GELU_TANH)};

}  // namespace tenon::cpu::reference
