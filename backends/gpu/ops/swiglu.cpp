// tn.swiglu: value by value.
#include "rows.hpp"

namespace tenon::gpu {
namespace {

constexpr tn_op_decl k_decls[] = {binary(TN_OP_SWIGLU)};

tn_status make(const NodeView& node, std::vector<Dispatch>& out) {
  RowKernel kernel = {.kernel = "swiglu"};
  if (node.rounded) {
    round_result(node, "swiglu_rounded", kernel);
    kernel.items = static_cast<uint32_t>(node.out().dim[node.out().rank - 1]) / 32;
  }
  return dispatch_rows(node, kernel, out);
}

}  // namespace

extern const Op k_swiglu;
const Op k_swiglu = {.decls = k_decls, .make = make, .can_round = true};

}  // namespace tenon::gpu
