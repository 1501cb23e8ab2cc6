// row_gather: rows of x (T,D) by ids (O) -> (O,D).
#include "framework/graph/ops/rows.hpp"

namespace tenon::ops {
namespace {

InferResult infer(const InferArgs& a) {
  const Shape &x = a.shape(0), &ids = a.shape(1);
  if (x.rank != 2 || ids.rank != 1) return a.fail("needs a matrix and a vector of ids");
  Shape out = make_shape({0, x.dim[1]}, ids.sym[0]);
  out.dim[0] = ids.dim[0];
  return std::vector{OutSpec{out}};
}

}  // namespace

extern constexpr OpInfo k_row_gather = {TN_OP_ROW_GATHER, "fi", 1, 0, infer};

}  // namespace tenon::ops
