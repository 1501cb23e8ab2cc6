// matmul: w (N,K), x (T,K) -> x times w transposed (T,N).
#include "framework/graph/ops/rows.hpp"

namespace tenon::ops {
namespace {

InferResult infer(const InferArgs& a) {
  const Shape &w = a.shape(0), &x = a.shape(1);
  if (w.rank != 2 || x.rank != 2 || w.dim[1] != x.dim[1])
    return a.fail("cannot multiply w " + to_string(w) + " with x " + to_string(x));
  Shape out = x;
  out.dim[1] = w.dim[0];
  return std::vector{OutSpec{out}};
}

}  // namespace

extern constexpr OpInfo k_matmul = {TN_OP_MATMUL, "wf", 1, 0, infer};

}  // namespace tenon::ops
