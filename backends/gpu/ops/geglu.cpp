// tn.geglu: value by value.
#include "rows.hpp"

namespace tenon::gpu {
namespace {

constexpr tn_op_decl k_decls[] = {binary(TN_OP_GEGLU)};

tn_status make(const NodeView& node, std::vector<Dispatch>& out) {
  return dispatch_rows(node, {.kernel = "geglu"}, out);
}

}  // namespace

extern const Op k_geglu;
const Op k_geglu = {k_decls, make};

}  // namespace tenon::gpu
