// Translation of values and nodes to the structs of tenon/abi/graph.h.
#include "framework/placement/abi_graph.hpp"

#include <tenon/abi/kernels.h>

#include <algorithm>
#include <string>

#include "framework/graph/op_info.hpp"

namespace tenon {
namespace {

std::uint32_t role_of(ValueKind kind) {
  static constexpr std::array<std::uint32_t, 5> k_roles = {
      TN_ROLE_INPUT, TN_ROLE_WEIGHT, TN_ROLE_STATE, TN_ROLE_TEMP, TN_ROLE_VIEW};
  return k_roles[static_cast<std::size_t>(kind)];
}

}  // namespace

tn_tensor to_abi(const Value& value, const HostTable& host, const Extents& bounds) {
  tn_tensor t{};
  t.struct_size = sizeof(t);
  t.role = role_of(value.kind);
  t.dtype = host.intern(TN_KIND_DTYPE, value.dtype->name);
  t.layout = host.intern(TN_KIND_LAYOUT, TN_LAYOUT_PLAIN);
  t.rank = value.shape.rank;
  std::copy(value.shape.dim.begin(), value.shape.dim.end(), t.dim);
  std::copy(value.shape.sym.begin(), value.shape.sym.end(), t.sym);
  std::copy(value.stride.begin(), value.stride.end(), t.stride);
  if (value.shape.symbolic()) t.dim[0] = bounds[value.shape.sym[0]];
  t.view_of = value.kind == ValueKind::view ? value.root : TN_NONE;
  t.view_offset = value.offset;
  t.weight = t.binding = TN_NONE;
  t.state = value.layer;
  return t;
}

tn_node to_abi(const Node& node, const HostTable& host) {
  tn_node n{};
  n.struct_size = sizeof(n);
  n.layer = node.layer;
  n.op = host.intern(TN_KIND_OP, node.op->name);
  n.n_in = static_cast<std::uint32_t>(node.in.size());
  n.in = node.in.data();
  n.out = node.out.data();
  n.n_out = static_cast<std::uint32_t>(node.out.size());
  n.features = node.features;
  n.params = node.params.empty() ? nullptr : node.params.data();
  n.name = node.name.c_str();
  return n;
}

std::uint64_t byte_size(const Value& value, const Extents& extents) {
  const std::int64_t row = row_bytes(*value.dtype, value.shape.row_elements());
  const std::int64_t rows = value.shape.symbolic() ? extents[value.shape.sym[0]] : 1;
  return static_cast<std::uint64_t>(row * rows);
}

QueryBuilder::QueryBuilder(const Graph& graph, const HostTable& host, const Extents& bounds)
    : graph_(graph), host_(host), bounds_(bounds) {}

void QueryBuilder::sync() {
  while (tensors_.size() < graph_.values.size())
    tensors_.push_back(to_abi(graph_.values[tensors_.size()], host_, bounds_));
}

const tn_node_query& QueryBuilder::query(const Node& node, const tn_kernel_desc* bound) {
  sync();
  operands_.clear();
  for (const ValueId v : node.in) operands_.push_back(v == k_no_value ? nullptr : &tensors_[v]);
  for (const ValueId v : node.out) operands_.push_back(&tensors_[v]);
  node_ = to_abi(node, host_);
  node_.bound = bound;
  query_ = {sizeof(query_), node_.n_in, host_.get(), &node_, operands_.data(), node_.n_out, 0};
  return query_;
}

}  // namespace tenon
