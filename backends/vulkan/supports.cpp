// Asks the op, then checks what it answers: a kernel that does not fit is declined, not tried.
#include "supports.hpp"

#include <string>

#include "shaders.hpp"

namespace tenon::vulkan {
namespace {

const char* why_not(const gpu::Dispatch& d, const gpu::Limits& limits) {
  if (d.kernel == nullptr || find_shader(d.kernel) == nullptr) return "the build lacks its kernel";
  if (d.buffers.empty() || d.buffers.size() >= gpu::k_max_buffers) return "it has too many buffers";
  if (d.push.size() > gpu::k_push_words - gpu::k_first_own_word) return "it has too many words";
  for (uint32_t axis = 0; axis < 3; ++axis)
    if (d.groups[axis].unit == 0 ||
        (d.groups[axis].sym == TN_SYM_STATIC && d.groups[axis].fixed > limits.max_groups[axis]))
      return "its grid is larger than the device's";
  return nullptr;
}

}  // namespace

tn_status dispatches_of(Gpu& gpu, const gpu::NodeView& node, std::vector<gpu::Dispatch>& out) {
  const size_t before = out.size();
  const tn_status status = gpu::make_dispatches(node, out);
  for (size_t i = before; status == TN_OK && i < out.size(); ++i)
    if (const char* why = why_not(out[i], gpu.physical().limits))
      return sdk::fail(node.host, TN_ERR_UNSUPPORTED, why);
  return status;
}

tn_status supports(Gpu& gpu, const tn_node_query& query, tn_support* inout) {
  if (sdk::must_decline(query.flags)) return TN_ERR_UNSUPPORTED;
  const gpu::NodeView node{query.host, query.node,  query.t,
                           query.n_in, query.n_out, &gpu.physical().limits};
  std::vector<gpu::Dispatch> dispatches;
  const bool yes = dispatches_of(gpu, node, dispatches) == TN_OK;
  const gpu::Op* op = yes ? gpu::find_op(node.name(query.node->op)) : nullptr;
  const char* layouts = op != nullptr && op->n_weights > 0 ? gpu::k_weight_layout : TN_LAYOUT_PLAIN;
  const uint32_t verdict = yes ? TN_SUPPORT_YES : TN_SUPPORT_NO;
  sdk::reply(inout, tn_support{sizeof(tn_support), verdict, layouts});
  return TN_OK;
}

}  // namespace tenon::vulkan
