// tn.softcap in double.
#pragma once

#include <cmath>

namespace tenon::oracle {

inline double softcap(double x, double cap) { return cap * std::tanh(x / cap); }

}  // namespace tenon::oracle
