// tn.scale: value by value.
#include "rows.hpp"

namespace tenon::gpu {
namespace {

constexpr tn_op_decl k_decls[] = {unary(TN_OP_SCALE)};

tn_status make(const NodeView& node, std::vector<Dispatch>& out) {
  const float factor = sdk::params<tn_scale_params>(*node.node).factor;
  return dispatch_rows(node, {.kernel = "scale", .own = {bits_of(factor)}}, out);
}

}  // namespace

extern const Op k_scale;
const Op k_scale = {k_decls, make};

}  // namespace tenon::gpu
