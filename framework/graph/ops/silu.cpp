// silu: x / (1 + exp(-x)).
#include "framework/graph/ops/rows.hpp"

namespace tenon::ops {

extern constexpr OpInfo k_silu = {TN_OP_SILU, "f", 1, 0, same_as_first};

}  // namespace tenon::ops
