// mul: a * b; b may be one row for all rows of a.
#include "framework/graph/ops/rows.hpp"

namespace tenon::ops {

extern constexpr OpInfo k_mul = {TN_OP_MUL, "ff", 1, 0, elementwise_pair};

}  // namespace tenon::ops
