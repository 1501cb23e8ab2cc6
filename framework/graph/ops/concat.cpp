// concat: a (..,m), b (..,n) -> (..,m+n).
#include "framework/graph/ops/shape_rules.hpp"

namespace tenon::ops {

InferResult concat_shape(const InferArgs& a) {
  Shape x = a.shape(0), y = a.shape(1);
  if (x.rank != y.rank) return a.fail("all axes but the last must agree");
  if (x.rank == 1 && (x.symbolic() || y.symbolic())) return a.fail("the last axis is symbolic");
  const std::int64_t width = x.width() + y.width();
  x.dim[x.rank - 1] = y.dim[y.rank - 1] = width;
  if (!(x == y)) return a.fail("all axes but the last must agree");
  return std::vector{OutSpec{x}};
}

}  // namespace tenon::ops
