// softmax: softmax over the last axis.
#include "framework/graph/ops/rows.hpp"

namespace tenon::ops {

extern constexpr OpInfo k_softmax = {TN_OP_SOFTMAX, "f", 1, 0, same_as_first};

}  // namespace tenon::ops
