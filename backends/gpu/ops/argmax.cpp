// tn.argmax: the winner of each 4096 columns, then of those.
#include "rows.hpp"

namespace tenon::gpu {
namespace {

constexpr tn_op_decl k_decls[] = {declare(TN_OP_ARGMAX, k_names<"f32">, k_names<"i32">)};
constexpr uint32_t k_part = 4096;  // columns: PART of argmax_parts.comp

tn_status make(const NodeView& node, std::vector<Dispatch>& out) {
  const tn_tensor &x = *node.in(0), &y = node.out();
  if (x.rank != 2 || y.rank != 1) return node.decline("rows of a matrix only");
  if (!is_array(y)) return node.decline("results must be dense");
  Rows rows;
  if (const tn_status s = rows_of(node, x, rows); s != TN_OK) return s;
  const uint32_t parts = ceil_div(rows.width, k_part);
  if (rows.bound > node.limits->max_groups[1])
    return node.decline("more rows than a grid may have");
  const Buffer scratch = {.part = Part::scratch, .bytes = uint64_t{8} * rows.bound * parts};
  Dispatch first, second;
  first.kernel = "argmax_parts";
  first.push = {rows.sym, rows.bound, rows.width, row_steps(x)[0], parts};
  first.buffers = {{.index = 0}, scratch};
  first.buffers[1].writes = true;
  first.groups = {Groups{parts}, groups_of(rows.sym, rows.bound)};
  second = first;
  second.kernel = "argmax";
  second.buffers = {scratch, {.index = 1, .writes = true}};
  second.groups[0] = {};
  out.insert(out.end(), {first, second});
  return TN_OK;
}

}  // namespace

extern const Op k_argmax;
const Op k_argmax = {k_decls, make};

}  // namespace tenon::gpu
