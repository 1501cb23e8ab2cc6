// Asks the op, then checks what it answers: a kernel that does not fit is declined, not tried.
#include "backends/gpu/program.hpp"

namespace tenon::gpu {
namespace {

const char* why_not(const Target& target, const Dispatch& d) {
  if (d.code.data == nullptr && (d.kernel == nullptr || !target.has_kernel(d.kernel)))
    return "the build lacks its kernel";
  if (const char* why = target.why_dropped(d.kernel)) return why;
  if (d.buffers.empty() || d.buffers.size() >= k_max_buffers) return "it has too many buffers";
  if (d.push.size() > k_push_words - k_first_own_word) return "it has too many words";
  for (uint32_t axis = 0; axis < 3; ++axis)
    if (d.groups[axis].unit == 0 || (d.groups[axis].sym == TN_SYM_STATIC &&
                                     d.groups[axis].fixed > target.limits().max_groups[axis]))
      return "its grid is larger than the device's";
  return nullptr;
}

}  // namespace

tn_status dispatches_of(const Target& target, const NodeView& node, std::vector<Dispatch>& out) {
  const size_t before = out.size();
  const tn_status status =
      node.node->bound != nullptr ? target.pack_dispatches(node, out) : make_dispatches(node, out);
  for (size_t i = before; status == TN_OK && i < out.size(); ++i)
    if (const char* why = why_not(target, out[i])) return node.decline(why);
  return status;
}

tn_status supports(const Target& target, const tn_node_query& query, tn_support* inout) {
  if (sdk::must_decline(query.flags)) return TN_ERR_UNSUPPORTED;
  const NodeView node{query.host, query.node, query.t, query.n_in, query.n_out, &target.limits()};
  std::vector<Dispatch> dispatches;
  const bool yes = dispatches_of(target, node, dispatches) == TN_OK;
  const Op* op = yes ? find_op(node.name(query.node->op)) : nullptr;
  const char* layouts = op != nullptr && op->n_weights > 0 ? k_weight_layout : TN_LAYOUT_PLAIN;
  const uint32_t verdict = yes ? TN_SUPPORT_YES : TN_SUPPORT_NO;
  sdk::reply(inout, tn_support{sizeof(tn_support), verdict, layouts});
  return TN_OK;
}

}  // namespace tenon::gpu
