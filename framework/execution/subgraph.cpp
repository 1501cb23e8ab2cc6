// Local numbering of the tensors of a partition.
#include "framework/execution/subgraph.hpp"

#include <algorithm>

#include "framework/placement/abi_graph.hpp"

namespace tenon {

Subgraph::Subgraph(const GraphContext& context, const Partition& partition, const Arena& arena,
                   const Extents& bounds, std::span<const tn_kernel_desc* const> kernels)
    : context_(context), partition_(partition), arena_(arena), bounds_(bounds) {
  for (std::uint32_t n = partition.first; n < partition.last; ++n)
    add_node(context.graph.nodes[n],
             kernels.empty() ? context.placement.nodes[n].kernel : kernels[n]);
  for (const ValueId v : partition.kept) live_out_.push_back(local(v));
  subgraph_.struct_size = sizeof(subgraph_);
  subgraph_.n_nodes = static_cast<std::uint32_t>(nodes_.size());
  subgraph_.n_tensors = static_cast<std::uint32_t>(tensors_.size());
  subgraph_.node_stride = sizeof(tn_node);
  subgraph_.tensor_stride = sizeof(tn_tensor);
  subgraph_.nodes = nodes_.data();
  subgraph_.tensors = tensors_.data();
  subgraph_.live_out = live_out_.data();
  subgraph_.n_live_out = static_cast<std::uint32_t>(live_out_.size());
  subgraph_.n_bindings = static_cast<std::uint32_t>(arena.blocks.size());
  subgraph_.weights = weights_.data();
  subgraph_.n_weights = static_cast<std::uint32_t>(weights_.size());
}

std::uint32_t Subgraph::local(ValueId value) {
  if (value == k_no_value) return TN_NONE;
  if (const auto found = locals_.find(value); found != locals_.end()) return found->second;
  const ValueId root = context_.graph.root_of(value);
  if (root != value) local(root);
  tn_tensor tensor = describe(value);
  const auto index = static_cast<std::uint32_t>(tensors_.size());
  tensors_.push_back(tensor);
  return locals_[value] = index;
}

// Values of earlier partitions are inputs, whether they were copied in or lie here already.
bool Subgraph::made_here(ValueId id) const {
  for (std::uint32_t n = partition_.first; n < partition_.last; ++n) {
    const auto& out = context_.graph.nodes[n].out;
    if (std::find(out.begin(), out.end(), id) != out.end()) return true;
  }
  return false;
}

tn_tensor Subgraph::describe(ValueId id) {
  const Value& value = context_.graph.values[id];
  tn_tensor t = to_abi(value, *context_.host, bounds_);
  if (value.kind == ValueKind::view) t.view_of = locals_.at(value.root);
  if (value.kind == ValueKind::weight) {
    const WeightPlace place{partition_.device, id};
    if (const auto layout = context_.placement.weights.find(place);
        layout != context_.placement.weights.end())
      t.layout = context_.host->intern(TN_KIND_LAYOUT, layout->second.id.c_str());
    t.weight = static_cast<std::uint32_t>(weights_.size());
    const auto put = context_.weights.find(place);  // none yet when only sizes are asked
    weights_.push_back(put != context_.weights.end() ? put->second.get() : nullptr);
  }
  if (const auto at = arena_.places.find(id); at != arena_.places.end()) {
    t.binding = at->second.block;
    t.offset = at->second.offset;
  }
  if (value.kind != ValueKind::computed) return t;
  if (std::find(partition_.kept.begin(), partition_.kept.end(), id) != partition_.kept.end())
    t.role = TN_ROLE_OUTPUT;
  if (!made_here(id)) t.role = TN_ROLE_INPUT;
  return t;
}

void Subgraph::add_node(const Node& node, const tn_kernel_desc* kernel) {
  tn_node n = to_abi(node, *context_.host);
  n.bound = kernel;
  auto& in = operands_.emplace_back();
  for (const ValueId v : node.in) in.push_back(local(v));
  auto& out = operands_.emplace_back();
  for (const ValueId v : node.out) out.push_back(local(v));
  for (const std::uint32_t t : in)
    if (t != TN_NONE) ++tensors_[t].consumers;
  n.in = in.data();
  n.out = out.data();
  nodes_.push_back(n);
}

}  // namespace tenon
