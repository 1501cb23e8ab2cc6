// gelu_erf: GELU in its exact form (arXiv:1606.08415).
#include "framework/graph/ops/rows.hpp"

namespace tenon::ops {

extern constexpr OpInfo k_gelu_erf = {TN_OP_GELU_ERF, "f", 1, 0, same_as_first};

}  // namespace tenon::ops
