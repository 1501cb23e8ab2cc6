// tn.softcap: value by value.
#include "rows.hpp"

namespace tenon::gpu {
namespace {

constexpr tn_op_decl k_decls[] = {unary(TN_OP_SOFTCAP)};

tn_status make(const NodeView& node, std::vector<Dispatch>& out) {
  const float cap = sdk::params<tn_softcap_params>(*node.node).cap;
  return dispatch_rows(node, {.kernel = "softcap", .own = {bits_of(cap)}}, out);
}

}  // namespace

extern const Op k_softcap;
const Op k_softcap = {k_decls, make};

}  // namespace tenon::gpu
