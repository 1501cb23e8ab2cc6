// tn.row_gather: the rows of x named by ids.
#include "rows.hpp"

namespace tenon::gpu {
namespace {

constexpr tn_op_decl k_decls[] = {declare(TN_OP_ROW_GATHER, k_names<"f32", "i32">)};

tn_status make(const NodeView& node, std::vector<Dispatch>& out) {
  const tn_tensor &x = *node.in(0), &ids = *node.in(1), &y = node.out();
  if (x.rank != 2 || ids.rank != 1 || y.rank != 2) return node.decline("rows of a matrix only");
  if (!is_array(ids) || !is_dense(y)) return node.decline("ids and result must be dense");
  Rows from, to;
  if (const tn_status s = rows_of(node, x, from); s != TN_OK) return s;
  if (const tn_status s = rows_of(node, y, to); s != TN_OK) return s;
  if (from.width != to.width) return node.decline("operands of different widths");
  if (to.bound > node.limits->max_groups[1]) return node.decline("more rows than a grid may have");
  Dispatch d;
  d.kernel = "row_gather";
  d.push = {to.sym, to.bound, to.width, row_steps(x)[0], from.sym, from.bound};
  d.buffers = {{.index = 0}, {.index = 1}, {.index = 2, .writes = true}};
  d.groups = {Groups{ceil_div(to.width, 256)}, groups_of(to.sym, to.bound)};
  out.push_back(std::move(d));
  return TN_OK;
}

}  // namespace

extern const Op k_row_gather;
const Op k_row_gather = {k_decls, make};

}  // namespace tenon::gpu
