// rms_norm: x / sqrt(mean(x^2) + eps) over the last axis (arXiv:1910.07467).
#include "framework/graph/ops/rows.hpp"

namespace tenon::ops {

extern constexpr OpInfo k_rms_norm = {TN_OP_RMS_NORM, "f", 1, sizeof(tn_norm_params),
                                      same_as_first};

}  // namespace tenon::ops
