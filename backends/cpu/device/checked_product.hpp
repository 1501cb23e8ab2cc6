// product(): of sizes that a caller gave, which may not fit.
#pragma once

#include <cstdint>

namespace tenon::cpu {

// False when the product does not fit.
template <class... Factors>
bool product(uint64_t& out, Factors... factors) {
  out = 1;
  return (!__builtin_mul_overflow(out, static_cast<uint64_t>(factors), &out) && ...);
}

}  // namespace tenon::cpu
