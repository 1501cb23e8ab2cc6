// tn.rms_norm: a work-group per row.
#include "rows.hpp"

namespace tenon::gpu {
namespace {

constexpr tn_op_decl k_decls[] = {unary(TN_OP_RMS_NORM)};

tn_status make(const NodeView& node, std::vector<Dispatch>& out) {
  const float eps = sdk::params<tn_norm_params>(*node.node).eps;
  return dispatch_rows(node,
                       {.kernel = "rms_norm",
                        .group_per_row = true,
                        .own = {bits_of(eps)},
                        .constants = {node.limits->tree_lanes}},
                       out);
}

}  // namespace

extern const Op k_rms_norm;
const Op k_rms_norm = {k_decls, make};

}  // namespace tenon::gpu
