// tn.add: a + b.
#pragma once

#include "describe.hpp"
#include "elementwise.hpp"

namespace tenon::cpu::reference {

inline double add(double a, double b) { return a + b; }

using Add = Binary<add, true>;

inline constexpr std::array k_add_kernels = {
    binary<Add, "add">(TN_OP_ADD).features(TN_ELEMENTWISE_BROADCAST)};

}  // namespace tenon::cpu::reference
