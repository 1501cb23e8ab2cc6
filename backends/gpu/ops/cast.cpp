// tn.cast: f32 to and from 16-bit floats, two of which make a word.
#include "rows.hpp"

namespace tenon::gpu {
namespace {

constexpr tn_op_decl k_decls[] = {
    declare(TN_OP_CAST, k_names<"f32">, k_names<"f16">),
    declare(TN_OP_CAST, k_names<"f32">, k_names<"bf16">),
    declare(TN_OP_CAST, k_names<"f16">),
    declare(TN_OP_CAST, k_names<"bf16">),
};

tn_status make(const NodeView& node, std::vector<Dispatch>& out) {
  const tn_tensor &x = *node.in(0), &y = node.out();
  const bool widens = sdk::same_text(node.dtype(y), "f32");
  if (!is_dense(x) || !is_dense(y)) return node.decline("operands must be dense");
  Rows from, to;
  if (const tn_status s = rows_of(node, x, from); s != TN_OK) return s;
  if (const tn_status s = rows_of(node, y, to); s != TN_OK) return s;
  if (from != to) return node.decline("operands of different shapes");
  const uint32_t values = to.inner * to.width, items = widens ? values : ceil_div(values, 2);
  Dispatch d;
  d.kernel = widens ? "cast_widen" : "cast_narrow";
  d.constants = {sdk::same_text(node.dtype(widens ? x : y), "bf16") ? 1u : 0u};
  d.push = {to.sym, to.bound, values};
  d.buffers = {{.index = 0}, {.index = 1, .writes = true}};
  d.groups[0] = groups_of(to.sym, to.bound);
  d.groups[0].fixed *= ceil_div(items, 256);
  if (uint64_t{to.bound} * ceil_div(items, 256) > node.limits->max_groups[0])
    return node.decline("more values than a grid may have");
  out.push_back(std::move(d));
  return TN_OK;
}

}  // namespace

extern const Op k_cast;
const Op k_cast = {.decls = k_decls, .make = make, .any_strides = true};

}  // namespace tenon::gpu
