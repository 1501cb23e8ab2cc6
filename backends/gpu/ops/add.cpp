// tn.add: value by value; b may be one row for all.
#include "rows.hpp"

namespace tenon::gpu {
namespace {

constexpr tn_op_decl k_decls[] = {binary(TN_OP_ADD, TN_ELEMENTWISE_BROADCAST)};

tn_status make(const NodeView& node, std::vector<Dispatch>& out) {
  const bool one_row = (node.node->features & TN_ELEMENTWISE_BROADCAST) != 0;
  return dispatch_rows(node, {.kernel = "add", .one_row = one_row ? 2u : 0u}, out);
}

}  // namespace

extern const Op k_add;
const Op k_add = {k_decls, make};

}  // namespace tenon::gpu
