// tn.mul: a * b.
#pragma once

#include "describe.hpp"
#include "elementwise.hpp"

namespace tenon::cpu::reference {

inline double mul(double a, double b) { return a * b; }

using Mul = Binary<mul, true>;

inline constexpr std::array k_mul_kernels = {
    binary<Mul, "mul">(TN_OP_MUL).features(TN_ELEMENTWISE_BROADCAST)};

}  // namespace tenon::cpu::reference
