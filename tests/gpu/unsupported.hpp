// What GPUs decline of what the tests ask, and why; anything else that is declined is a failure, and
// so is a row here that nothing declines any more.
#pragma once

#include <array>

namespace tenon::conformance {

struct Unsupported {
  const char* op;
  const char* why;
};

inline constexpr std::array k_unsupported = {
    Unsupported{"tn.matmul/1", "rows of weights must be whole blocks of 32 or 256"},
};

}  // namespace tenon::conformance
