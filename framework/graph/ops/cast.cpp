// cast: x in f32, whatever it was stored as.
#include "framework/graph/ops/rows.hpp"

namespace tenon::ops {

extern constexpr OpInfo k_cast = {TN_OP_CAST, "a", 1, 0, same_as_first};

}  // namespace tenon::ops
