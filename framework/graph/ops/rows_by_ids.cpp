// embed_rows, row_gather: rows of a table (V,D) by ids (T) -> (T,D).
#include "framework/graph/ops/shape_rules.hpp"

namespace tenon::ops {

InferResult rows_by_ids_shape(const InferArgs& a) {
  const Shape &table = a.shape(0), &ids = a.shape(1);
  if (table.rank != 2 || ids.rank != 1) return a.fail("needs a matrix and a vector of ids");
  Shape out = make_shape({0, table.dim[1]}, ids.sym[0]);
  out.dim[0] = ids.dim[0];
  return std::vector{OutSpec{out}};
}

}  // namespace tenon::ops
