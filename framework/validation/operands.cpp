// Strides say how far a tensor reaches: no table of types is needed.
#include "framework/validation/operands.hpp"

#include <algorithm>

namespace tenon::validation {
namespace {

bool has_memory(const tn_tensor& t) {
  return t.role == TN_ROLE_INPUT || t.role == TN_ROLE_OUTPUT || t.role == TN_ROLE_TEMP;
}

const tn_tensor& tensor_of(const tn_subgraph& graph, std::uint32_t i) {
  return at_stride(graph.tensors, graph.tensor_stride, i);
}

// From the first byte to behind the last: dense rows and strided ones alike.
std::uint64_t extent(const tn_tensor& t) {
  std::uint64_t last = 0;
  for (std::uint32_t i = 0; i < t.rank; ++i) {
    if (t.dim[i] <= 0) return 0;
    last += static_cast<std::uint64_t>(t.dim[i] - 1) * static_cast<std::uint64_t>(t.stride[i]);
  }
  const std::int64_t element = t.rank > 0 ? t.stride[t.rank - 1] : 0;
  return last + static_cast<std::uint64_t>(element);
}

}  // namespace

std::optional<Bytes> bytes_of(const tn_subgraph& graph, std::uint32_t tensor) {
  const tn_tensor* t = &tensor_of(graph, tensor);
  const std::uint64_t size = extent(*t);
  std::uint64_t first = 0;
  for (std::uint32_t hops = 0; t->role == TN_ROLE_VIEW && hops < graph.n_tensors; ++hops) {
    first += t->view_offset;
    t = &tensor_of(graph, t->view_of);
  }
  if (!has_memory(*t) || t->binding >= graph.n_bindings) return std::nullopt;
  first += t->offset;
  return Bytes{t->binding, first, first + size};
}

std::vector<BindingNeeds> needs_of(const tn_subgraph& graph) {
  std::vector<BindingNeeds> needs(graph.n_bindings);
  for (std::uint32_t i = 0; i < graph.n_tensors; ++i) {
    const std::optional<Bytes> bytes = bytes_of(graph, i);
    if (!bytes) continue;
    BindingNeeds& need = needs[bytes->binding];
    if (has_memory(tensor_of(graph, i))) need.offsets |= bytes->first;
    need.size = std::max(need.size, bytes->last);
  }
  const auto add_operand = [&](std::uint32_t tensor) {
    const std::optional<Bytes> bytes = tensor != TN_NONE ? bytes_of(graph, tensor) : std::nullopt;
    if (!bytes) return;
    std::uint64_t& largest = needs[bytes->binding].largest;
    largest = std::max(largest, bytes->last - bytes->first);
  };
  for (std::uint32_t i = 0; i < graph.n_nodes; ++i) {
    const tn_node& node = at_stride(graph.nodes, graph.node_stride, i);
    std::for_each(node.in, node.in + node.n_in, add_operand);
    std::for_each(node.out, node.out + node.n_out, add_operand);
  }
  return needs;
}

}  // namespace tenon::validation
