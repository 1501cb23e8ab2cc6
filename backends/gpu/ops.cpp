// The table of ops, and what every node must be like before its op is asked.
#include "backends/gpu/ops.hpp"

#include "op_list.hpp"

namespace tenon::gpu {
namespace {

bool same_dtypes(const NodeView& node, const char* const* dtypes, uint32_t first, uint32_t n) {
  while (n > 0 && node.t[first + n - 1] == nullptr) --n;  // optional operands that are absent
  uint32_t i = 0;
  for (; dtypes[i] != nullptr; ++i) {
    const tn_tensor* t = i < n ? node.t[first + i] : nullptr;
    const bool any = sdk::same_text(dtypes[i], "*");
    if (t == nullptr || (!any && !sdk::same_text(dtypes[i], node.dtype(*t)))) return false;
  }
  return i == n;
}

bool is_declared(const NodeView& node, const Op& op) {
  for (const tn_op_decl& decl : op.decls)
    if (same_dtypes(node, decl.in_dtypes, 0, node.n_in) &&
        same_dtypes(node, decl.out_dtypes, node.n_in, node.n_out) &&
        (node.node->features & ~decl.features) == 0)
      return true;
  return false;
}

bool has_layout(const NodeView& node, const tn_tensor& t, const char* layout) {
  return t.layout != 0 && sdk::same_text(node.name(t.layout), layout);
}

// Plain: as the host asks before it has chosen a layout; devices compile k_weight_layout only.
const char* unsuitable_weight(const NodeView& node, const tn_tensor& w) {
  if (w.role != TN_ROLE_WEIGHT) return "a part of a weight, or no weight";
  if (w.rank != 2) return "weights must be matrices";
  if (w.layout != 0 && !has_layout(node, w, k_weight_layout) && !has_layout(node, w, "plain"))
    return "weights in another layout";
  return nullptr;
}

const char* unsuitable(const NodeView& node, const tn_tensor& t, bool any_strides) {
  if (t.rank == 0 || t.rank > TN_MAX_RANK) return "rank must be 1 to 6";
  for (uint32_t axis = 1; axis < TN_MAX_RANK; ++axis)
    if (t.sym[axis] != TN_SYM_STATIC) return "an inner axis is symbolic";
  if (t.role == TN_ROLE_STATE) return nullptr;
  if (t.layout != 0 && !has_layout(node, t, "plain")) return "plain layout only";
  if (t.dim[t.rank - 1] > 1 && t.stride[t.rank - 1] > 4 && !any_strides)
    return "the last axis must be contiguous";
  uint64_t reach = 4;  // bytes from the first to the last element
  for (uint32_t axis = 0; axis < t.rank; ++axis) {
    if (t.stride[axis] % 4 != 0 && axis + 1 < t.rank && !any_strides)
      return "rows must start at whole words";
    uint64_t step = 0;
    if (__builtin_mul_overflow(static_cast<uint64_t>(t.dim[axis]),
                               static_cast<uint64_t>(t.stride[axis]), &step) ||
        __builtin_add_overflow(reach, step, &reach))
      return "an operand is larger than any memory";
  }
  return reach <= node.limits->max_range ? nullptr : "an operand is larger than a binding may be";
}

}  // namespace

const Op* find_op(std::string_view name) {
  for (const Op* op : k_ops)
    if (name == op->decls.front().op) return op;
  return nullptr;
}

const char* unsuitable_operand(const NodeView& node, uint32_t n_weights, bool any_strides) {
  for (uint32_t i = 0; i < node.n_in + node.n_out; ++i) {
    if (node.t[i] == nullptr) continue;
    const char* why = i < n_weights ? unsuitable_weight(node, *node.t[i])
                                    : unsuitable(node, *node.t[i], any_strides);
    if (why != nullptr) return why;
  }
  return nullptr;
}

tn_status make_dispatches(const NodeView& node, std::vector<Dispatch>& out) {
  if (sdk::must_decline(node.node->flags)) return node.decline("unknown flags");
  const Op* op = find_op(node.name(node.node->op));
  if (op == nullptr) return node.decline("no kernel computes this op");
  if (!is_declared(node, *op)) return node.decline("not with these types or features");
  if (const char* why = unsuitable_operand(node, op->n_weights, op->any_strides))
    return node.decline(why);
  return op->make(node, out);
}

uint32_t declare_ops(const tn_op_decl* const** out) noexcept {
  static const std::vector<const tn_op_decl*> k_all = [] {
    std::vector<const tn_op_decl*> all;
    for (const Op* op : k_ops)
      for (const tn_op_decl& decl : op->decls) all.push_back(&decl);
    return all;
  }();
  *out = k_all.data();
  return static_cast<uint32_t>(k_all.size());
}

}  // namespace tenon::gpu
