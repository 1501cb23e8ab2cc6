// copy: dense copy of a strided view.
#include "framework/graph/ops/rows.hpp"

namespace tenon::ops {

extern constexpr OpInfo k_copy = {TN_OP_COPY, "f", 1, 0, same_as_first};

}  // namespace tenon::ops
