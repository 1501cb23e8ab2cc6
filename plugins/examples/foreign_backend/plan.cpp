// compile() copies what it needs of the host's subgraph; bind() checks a step; run() walks it.
#include "plan.hpp"

#include <algorithm>
#include <chrono>
#include <tenon/sdk/device.hpp>
#include <tenon/sdk/kernel.hpp>

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

tn_status Plan::compile(const tn_host* host, const Memory& memory, const tn_subgraph& graph,
                        std::unique_ptr<Plan>& out) {
  for (uint32_t i = 0; i < graph.n_weights; ++i)
    if (graph.weights[i] == nullptr || !weight(graph.weights[i])->lies_in(memory))
      return fail(host, TN_ERR_INVALID, "a weight of another device");
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
  uint32_t n_in = node.n_in;
  while (n_in > 0 && node.in[n_in - 1] == TN_NONE) --n_in;  // optional operands that are absent
  std::vector<uint32_t> indices(node.in, node.in + n_in);
  indices.insert(indices.end(), node.out, node.out + node.n_out);
  std::vector<const tn_tensor*> tensors;
  for (const uint32_t i : indices)
    tensors.push_back(i < graph.n_tensors ? &tensor_at(graph, i) : nullptr);
  tn_node asked = node;
  asked.n_in = n_in;
  const char* why = nullptr;
  const Op* op = find_op(host, asked, tensors.data(), &why);
  if (op == nullptr) return refuse(host, node, TN_ERR_UNSUPPORTED, why);

  Node& added = nodes_.emplace_back();
  for (const uint32_t i : indices)
    if (const tn_status status = add_operand(host, graph, i, added); status != TN_OK)
      return refuse(host, node, status, "an operand has no place in memory, or none of 256 bytes");
  for (size_t i = op->of_weights ? 1 : 0; i < indices.size(); ++i)
    if (const Operand& o = added.operands[i];
        o.weight != nullptr && o.weight->plain_at(o.offset, o.bytes) == nullptr)
      return refuse(host, node, TN_ERR_UNSUPPORTED, "a weight is not plain and in one block");
  if (op->of_weights)
    if (const tn_status status = use_rows(added); status != TN_OK)
      return refuse(host, node, status, "its weights are not rows of a weight");
  const tn_tensor& out = *tensors.back();
  const bool one_row = out.rank == 2 && out.dim[0] == 1 && op->run_row != nullptr;
  added.call.run = one_row ? op->run_row : op->run;
  added.call.features = node.features;
  if (op->read_params != nullptr) op->read_params(node, added.call);
  const bool in_groups = added.call.weight != nullptr && added.call.weight->grouped();
  if (op->scratch_values != nullptr && !(one_row && in_groups))
    scratch_.resize(
        std::max(scratch_.size(), static_cast<size_t>(op->scratch_values(*tensors[0]))));
  return TN_OK;
}

tn_status Plan::add_operand(const tn_host* host, const tn_subgraph& graph, uint32_t tensor,
                            Node& added) const {
  const tn_tensor& t = tensor_at(graph, tensor);
  Operand& operand = added.operands.emplace_back();
  operand.view.rank = t.rank;
  std::copy_n(t.dim, t.rank, operand.view.dim);
  std::copy_n(t.stride, t.rank, operand.view.stride);
  if (t.role == TN_ROLE_STATE) return operand.state = t.state, TN_OK;
  operand.sym = t.sym[0];
  operand.bytes = reach(operand.view, *find_type(host->id_name(host->ctx, t.dtype)));
  return place(graph, tensor, operand);
}

// The matrix is whole rows of a weight, from one on.
tn_status Plan::use_rows(Node& node) {
  const Operand& matrix = node.operands[0];
  const Weight* weight = matrix.weight;
  if (weight == nullptr) return TN_ERR_UNSUPPORTED;
  const auto row = static_cast<uint64_t>(weight->row_bytes());
  const bool whole = matrix.offset % row == 0 && matrix.view.stride[0] == weight->row_bytes();
  if (matrix.offset + matrix.bytes > weight->bytes() || (!weight->grouped() && !whole) ||
      (weight->grouped() && matrix.offset != 0))
    return TN_ERR_UNSUPPORTED;
  node.call.weight = weight;
  node.call.first_row = static_cast<int64_t>(matrix.offset / row);
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
    operand.weight = weight(graph.weights[t->weight]);
    return TN_OK;
  }
  // A role of a later minor is nothing that this device has.
  if (t->role != TN_ROLE_INPUT && t->role != TN_ROLE_OUTPUT && t->role != TN_ROLE_TEMP)
    return TN_ERR_UNSUPPORTED;
  operand.binding = t->binding;
  operand.offset += t->offset;
  const bool aligned = t->offset % k_alignment == 0;
  return operand.binding < n_bindings_ && aligned ? TN_OK : TN_ERR_INVALID;
}

tn_status Plan::resolve(const Operand& operand, const Memory& memory, const tn_cmd_execute& execute,
                        View& view) {
  view = operand.view;
  if (operand.sym != TN_SYM_STATIC) {
    if (operand.sym >= execute.n_syms) return TN_ERR_INVALID;
    const int64_t extent = execute.syms[operand.sym];
    if (extent < 0 || extent > view.dim[0]) return TN_ERR_INVALID;
    view.dim[0] = extent;
  }
  const tn_binding& binding = execute.bindings[operand.binding];
  const Block* buffer = block(binding.buffer);
  uint64_t offset = operand.offset;
  if (buffer == nullptr || !buffer->lies_in(memory) || binding.offset % k_alignment != 0 ||
      __builtin_add_overflow(offset, binding.offset, &offset) ||
      !buffer->holds(offset, operand.bytes))
    return TN_ERR_INVALID;
  view.data = buffer->at(offset);
  return TN_OK;
}

tn_status Plan::bind(const tn_host* host, const Memory& memory, const tn_cmd_execute& execute,
                     Step& step) {
  if (execute.n_bindings < n_bindings_) return fail(host, TN_ERR_INVALID, "too few bindings");
  step.node_ns = execute.node_ns;
  for (const Node& node : nodes_) {
    Call& call = step.calls.emplace_back(node.call);
    call.scratch = scratch_.data();
    for (size_t i = 0; i < node.operands.size(); ++i) {
      const Operand& operand = node.operands[i];
      View& view = i + 1 == node.operands.size() ? call.out : call.in[i];
      if (operand.state != TN_NONE) {
        if (use_state(operand, memory, execute.kv, call) != TN_OK)
          return fail(host, TN_ERR_INVALID, "the cache of this execution lacks a state");
      } else if (operand.weight != nullptr) {
        view = operand.view;
        view.data = operand.weight->plain_at(operand.offset, operand.bytes);
      } else if (resolve(operand, memory, execute, view) != TN_OK) {
        return fail(host, TN_ERR_INVALID,
                    "a binding is too small, of another device or not of 256 bytes, or an extent "
                    "is out of its bound");
      }
    }
  }
  return TN_OK;
}

tn_status Plan::use_state(const Operand& operand, const Memory& memory, tn_kv* cache, Call& call) {
  if (cache == nullptr || !kv(cache)->lies_in(memory)) return TN_ERR_INVALID;
  const Kv::State* s = kv(cache)->find(operand.state);
  const int64_t* dim = operand.view.dim;
  if (s == nullptr || dim[0] != s->heads || dim[1] != s->dk || dim[2] != s->dv)
    return TN_ERR_INVALID;
  call.state = s;
  return TN_OK;
}

tn_plan_info Plan::info() const {
  return {sizeof(tn_plan_info), 0, scratch_.size() * sizeof(float)};
}

void Step::run() const {
  for (size_t n = 0; n < calls.size(); ++n) {
    const uint64_t start = node_ns != nullptr ? now_ns() : 0;
    calls[n].run(calls[n]);
    // Atomic for tests that look on.
    if (node_ns != nullptr) __atomic_store_n(&node_ns[n], now_ns() - start, __ATOMIC_RELAXED);
  }
}

}  // namespace foreign
