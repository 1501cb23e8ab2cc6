// tn.concat: rows side by side.
#include "rows.hpp"

namespace tenon::gpu {
namespace {

constexpr tn_op_decl k_decls[] = {binary(TN_OP_CONCAT)};

tn_status make(const NodeView& node, std::vector<Dispatch>& out) {
  const tn_tensor &a = *node.in(0), &b = *node.in(1), &y = node.out();
  const int64_t m = a.dim[a.rank - 1], n = b.dim[b.rank - 1];
  if (m + n != y.dim[y.rank - 1]) return node.decline("operands of different widths");
  return dispatch_rows(
      node, {.kernel = "concat", .any_width = true, .own = {static_cast<uint32_t>(m)}}, out);
}

}  // namespace

extern const Op k_concat;
const Op k_concat = {k_decls, make};

}  // namespace tenon::gpu
