// tn.add_rms_norm: a work-group per row.
#include "rows.hpp"

namespace tenon::gpu {
namespace {

constexpr tn_op_decl k_decls[] = {
    declare(TN_OP_ADD_RMS_NORM, k_names<"f32", "f32", "f32">, k_names<"f32", "f32">)};

tn_status make(const NodeView& node, std::vector<Dispatch>& out) {
  const float eps = sdk::params<tn_norm_params>(*node.node).eps;
  RowKernel kernel = {.kernel = "add_rms_norm",
                      .group_per_row = true,
                      .one_row = 4u,  // the weight
                      .own = {bits_of(eps)},
                      .constants = {node.limits->tree_lanes}};
  if (node.rounded) round_result(node, "add_rms_norm_rounded", kernel);
  return dispatch_rows(node, kernel, out);
}

}  // namespace

extern const Op k_add_rms_norm;
const Op k_add_rms_norm = {.decls = k_decls, .make = make, .can_round = true};

}  // namespace tenon::gpu
