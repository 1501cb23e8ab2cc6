// tn.softmax: a work-group per row.
#include "rows.hpp"

namespace tenon::gpu {
namespace {

constexpr tn_op_decl k_decls[] = {unary(TN_OP_SOFTMAX)};

tn_status make(const NodeView& node, std::vector<Dispatch>& out) {
  return dispatch_rows(node, {.kernel = "softmax", .group_per_row = true}, out);
}

}  // namespace

extern const Op k_softmax;
const Op k_softmax = {k_decls, make};

}  // namespace tenon::gpu
