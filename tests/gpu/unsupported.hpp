// What GPUs decline of what the tests ask, and why; anything else that is declined is a failure, and
// so is a row here that nothing declines any more.
#pragma once

#include <tenon/abi/ops.h>

#include <array>

namespace tenon::conformance {

struct Unsupported {
  const char* op;
  const char* why;
};

// Products go by groups of 32 values, of floats as well; no model has other widths.
inline constexpr const char* k_whole_blocks = "rows of weights must be whole blocks of 32 or 256";

inline constexpr std::array k_unsupported = {
    Unsupported{TN_OP_MATMUL, k_whole_blocks},
};

}  // namespace tenon::conformance
