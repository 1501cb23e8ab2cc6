// tn.gelu_erf: value by value.
#include "rows.hpp"

namespace tenon::gpu {
namespace {

constexpr tn_op_decl k_decls[] = {unary(TN_OP_GELU_ERF)};

tn_status make(const NodeView& node, std::vector<Dispatch>& out) {
  return dispatch_rows(node, {.kernel = "gelu_erf"}, out);
}

}  // namespace

extern const Op k_gelu_erf;
const Op k_gelu_erf = {k_decls, make};

}  // namespace tenon::gpu
