// argmax: index of the largest of each row of x (T,n) -> (T) i32, the first of equals.
#include "framework/graph/ops/shape_rules.hpp"

namespace tenon::ops {

InferResult argmax_shape(const InferArgs& a) {
  if (a.shape(0).rank != 2) return a.fail("needs a matrix");
  Shape out = a.shape(0);
  out.rank = 1;
  out.dim[1] = 0;
  return std::vector{OutSpec{out, find_dtype("i32")}};
}

}  // namespace tenon::ops
