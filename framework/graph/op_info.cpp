// What OpInfo and the arguments of shape rules answer about themselves.
#include "framework/graph/op_info.hpp"

namespace tenon {

std::size_t OpInfo::min_in() const {
  std::size_t n = 0;
  while (n < max_in() && !optional(n)) ++n;
  return n;
}

tl::unexpected<Error> InferArgs::fail(const std::string& text) const {
  return tenon::fail(ErrorCode::model, std::string(op.name) + ": " + text);
}

bool per_row(const Shape& indices, const Shape& x) {
  return indices.rank == 1 && indices.sym[0] == x.sym[0] && indices.dim[0] == x.dim[0];
}

}  // namespace tenon
