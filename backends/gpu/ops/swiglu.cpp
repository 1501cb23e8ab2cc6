// tn.swiglu: value by value.
#include "rows.hpp"

namespace tenon::gpu {
namespace {

constexpr tn_op_decl k_decls[] = {binary(TN_OP_SWIGLU)};

tn_status make(const NodeView& node, std::vector<Dispatch>& out) {
  return dispatch_rows(node, {.kernel = "swiglu"}, out);
}

}  // namespace

extern const Op k_swiglu;
const Op k_swiglu = {k_decls, make};

}  // namespace tenon::gpu
