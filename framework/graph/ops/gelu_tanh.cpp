// gelu_tanh: GELU in its tanh form (arXiv:1606.08415).
#include "framework/graph/ops/rows.hpp"

namespace tenon::ops {

extern constexpr OpInfo k_gelu_tanh = {TN_OP_GELU_TANH, "f", 1, 0, same_as_first};

}  // namespace tenon::ops
