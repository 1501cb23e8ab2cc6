// layer_norm: (x - mean) / sqrt(var + eps) over the last axis (arXiv:1607.06450).
#include "framework/graph/ops/rows.hpp"

namespace tenon::ops {

extern constexpr OpInfo k_layer_norm = {TN_OP_LAYER_NORM, "f", 1, sizeof(tn_norm_params),
                                        same_as_first};

}  // namespace tenon::ops
