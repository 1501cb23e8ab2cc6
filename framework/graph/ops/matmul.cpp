// matmul: w (N,K), x (T,K) -> x times w transposed (T,N).
#include "framework/graph/ops/shape_rules.hpp"

namespace tenon::ops {

InferResult matmul_shape(const InferArgs& a) {
  const Shape &w = a.shape(0), &x = a.shape(1);
  if (w.rank != 2 || x.rank != 2 || w.dim[1] != x.dim[1])
    return a.fail("cannot multiply w " + to_string(w) + " with x " + to_string(x));
  Shape out = x;
  out.dim[1] = w.dim[0];
  return std::vector{OutSpec{out}};
}

}  // namespace tenon::ops
