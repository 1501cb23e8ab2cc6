// tn.rms_norm_mul: a work-group per row.
#include "rows.hpp"

namespace tenon::gpu {
namespace {

constexpr tn_op_decl k_decls[] = {binary(TN_OP_RMS_NORM_MUL)};

tn_status make(const NodeView& node, std::vector<Dispatch>& out) {
  const float eps = sdk::params<tn_norm_params>(*node.node).eps;
  RowKernel kernel = {.kernel = "rms_norm_mul",
                      .group_per_row = true,
                      .one_row = 2u,  // the weight
                      .own = {bits_of(eps)},
                      .constants = {node.limits->tree_lanes}};
  if (node.rounded) round_result(node, "rms_norm_mul_rounded", kernel);
  return dispatch_rows(node, kernel, out);
}

}  // namespace

extern const Op k_rms_norm_mul;
const Op k_rms_norm_mul = {.decls = k_decls, .make = make, .can_round = true};

}  // namespace tenon::gpu
