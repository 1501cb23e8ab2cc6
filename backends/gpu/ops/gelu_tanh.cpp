// tn.gelu_tanh: value by value.
#include "rows.hpp"

namespace tenon::gpu {
namespace {

constexpr tn_op_decl k_decls[] = {unary(TN_OP_GELU_TANH)};

tn_status make(const NodeView& node, std::vector<Dispatch>& out) {
  return dispatch_rows(node, {.kernel = "gelu_tanh"}, out);
}

}  // namespace

extern const Op k_gelu_tanh;
const Op k_gelu_tanh = {k_decls, make};

}  // namespace tenon::gpu
