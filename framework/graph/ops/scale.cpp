// scale: factor * x.
#include "framework/graph/ops/rows.hpp"

namespace tenon::ops {

extern constexpr OpInfo k_scale = {TN_OP_SCALE, "f", 1, sizeof(tn_scale_params), same_as_first};

}  // namespace tenon::ops
