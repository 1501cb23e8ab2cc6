// tn.silu: value by value.
#include "rows.hpp"

namespace tenon::gpu {
namespace {

constexpr tn_op_decl k_decls[] = {unary(TN_OP_SILU)};

tn_status make(const NodeView& node, std::vector<Dispatch>& out) {
  return dispatch_rows(node, {.kernel = "silu"}, out);
}

}  // namespace

extern const Op k_silu;
const Op k_silu = {k_decls, make};

}  // namespace tenon::gpu
