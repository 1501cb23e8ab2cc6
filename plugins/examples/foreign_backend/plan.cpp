// compile() copies what it needs of the host's subgraph; bind() checks a step; run() walks it.
#include "plan.hpp"

#include <algorithm>
#include <chrono>
#include <tenon/sdk/device.hpp>

namespace foreign {

using tenon::sdk::fail;
using tenon::sdk::node_at;
using tenon::sdk::tensor_at;

namespace {

uint64_t now_ns() {
  const auto since_start = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(since_start).count());
}

tn_status refuse(const tn_host* host, const tn_node& node, tn_status status, const char* why) {
  return fail(host, status, (std::string(node.name) + ": " + why).c_str());
}

// Bytes from the start of a view to the end of its last row.
uint64_t reach(const View& view, const Type& type) {
  int64_t bytes = type.row_bytes(view.width());
  for (uint32_t a = 0; a + 1 < view.rank; ++a) {
    if (view.dim[a] == 0) return 0;
    bytes += (view.dim[a] - 1) * view.stride[a];
  }
  return static_cast<uint64_t>(bytes);
}

}  // namespace

tn_status Plan::compile(const tn_host* host, const tn_subgraph& graph, std::unique_ptr<Plan>& out) {
  auto plan = std::make_unique<Plan>();
  plan->n_bindings_ = graph.n_bindings;
  for (uint32_t n = 0; n < graph.n_nodes; ++n) {
    const tn_status status = plan->add_node(host, graph, node_at(graph, n));
    if (status != TN_OK) return status;
  }
  out = std::move(plan);
  return TN_OK;
}

tn_status Plan::add_node(const tn_host* host, const tn_subgraph& graph, const tn_node& node) {
  if (tenon::sdk::must_decline(node.flags))
    return refuse(host, node, TN_ERR_UNSUPPORTED, "unknown flags");
  std::vector<uint32_t> indices(node.in, node.in + node.n_in);
  indices.insert(indices.end(), node.out, node.out + node.n_out);
  std::vector<const tn_tensor*> tensors;
  for (const uint32_t i : indices)
    tensors.push_back(i < graph.n_tensors ? &tensor_at(graph, i) : nullptr);
  const char* why = nullptr;
  const Op* op = find_op(host, node, tensors.data(), &why);
  if (op == nullptr) return refuse(host, node, TN_ERR_UNSUPPORTED, why);

  Node& added = nodes_.emplace_back();
  added.call.run = op->run;
  for (size_t i = 0; i < indices.size(); ++i) {
    const tn_tensor& t = *tensors[i];
    for (uint32_t axis = 1; axis < TN_MAX_RANK; ++axis)
      if (t.sym[axis] != TN_SYM_STATIC)
        return refuse(host, node, TN_ERR_UNSUPPORTED, "an inner axis is symbolic");
    const Type* type = find_type(host->id_name(host->ctx, t.dtype));
    Operand& operand = added.operands.emplace_back();
    operand.view.rank = t.rank;
    std::copy_n(t.dim, t.rank, operand.view.dim);
    std::copy_n(t.stride, t.rank, operand.view.stride);
    operand.sym = t.sym[0];
    operand.bytes = reach(operand.view, *type);
    const tn_status status = place(graph, indices[i], operand);
    if (status != TN_OK) return refuse(host, node, status, "an operand has no place in memory");
    if (i == 0) added.call.weight_type = type;
  }
  if (op->has_eps) added.call.eps = static_cast<const tn_norm_params*>(node.params)->eps;
  if (op->scratch_values != nullptr)
    scratch_values_ =
        std::max(scratch_values_, static_cast<uint64_t>(op->scratch_values(*tensors[0])));
  added.call.features = node.features;
  return TN_OK;
}

// Follows views to their root, and the root to its binding or weight.
tn_status Plan::place(const tn_subgraph& graph, uint32_t tensor, Operand& operand) const {
  const tn_tensor* t = &tensor_at(graph, tensor);
  for (uint32_t depth = 0; t->role == TN_ROLE_VIEW; ++depth) {
    if (t->view_of >= graph.n_tensors || depth == graph.n_tensors) return TN_ERR_INVALID;
    operand.offset += t->view_offset;
    t = &tensor_at(graph, t->view_of);
  }
  if (t->role == TN_ROLE_WEIGHT) {
    if (t->weight >= graph.n_weights) return TN_ERR_INVALID;
    operand.weight = block(graph.weights[t->weight]);
    return operand.weight->holds(operand.offset, operand.bytes) ? TN_OK : TN_ERR_INVALID;
  }
  // A state, or a role of a later minor, is nothing that this device has.
  if (t->role != TN_ROLE_INPUT && t->role != TN_ROLE_OUTPUT && t->role != TN_ROLE_TEMP)
    return TN_ERR_UNSUPPORTED;
  operand.binding = t->binding;
  operand.offset += t->offset;
  return operand.binding < n_bindings_ ? TN_OK : TN_ERR_INVALID;
}

tn_status Plan::resolve(const Operand& operand, const tn_cmd_execute& execute, View& view) {
  view = operand.view;
  if (operand.sym != TN_SYM_STATIC) {
    if (operand.sym >= execute.n_syms) return TN_ERR_INVALID;
    const int64_t extent = execute.syms[operand.sym];
    if (extent < 0 || extent > view.dim[0]) return TN_ERR_INVALID;
    view.dim[0] = extent;
  }
  const Block* memory = operand.weight;
  uint64_t offset = operand.offset;
  if (memory == nullptr) {
    const tn_binding& binding = execute.bindings[operand.binding];
    memory = block(binding.buffer);
    if (memory == nullptr || __builtin_add_overflow(offset, binding.offset, &offset) ||
        !memory->holds(offset, operand.bytes))
      return TN_ERR_INVALID;
  }
  view.data = memory->at(offset);
  return TN_OK;
}

tn_status Plan::bind(const tn_host* host, const tn_cmd_execute& execute, Step& step) const {
  if (execute.n_bindings < n_bindings_) return fail(host, TN_ERR_INVALID, "too few bindings");
  step.scratch.resize(scratch_values_);
  step.node_ns = execute.node_ns;
  for (const Node& node : nodes_) {
    Call& call = step.calls.emplace_back(node.call);
    call.scratch = step.scratch.data();
    for (size_t i = 0; i < node.operands.size(); ++i) {
      View& view = i + 1 == node.operands.size() ? call.out : call.in[i];
      if (resolve(node.operands[i], execute, view) != TN_OK)
        return fail(host, TN_ERR_INVALID, "a binding is too small or an extent out of its bound");
    }
  }
  return TN_OK;
}

tn_plan_info Plan::info() const {
  return {sizeof(tn_plan_info), 0, scratch_values_ * sizeof(float)};
}

tn_status Step::run(const Stop& stop) const {
  for (size_t n = 0; n < calls.size(); ++n) {
    if (stop.raised()) return TN_ERR_CANCELLED;
    const uint64_t start = node_ns != nullptr ? now_ns() : 0;
    calls[n].run(calls[n]);
    if (node_ns != nullptr) node_ns[n] = now_ns() - start;
  }
  return TN_OK;
}

}  // namespace foreign
