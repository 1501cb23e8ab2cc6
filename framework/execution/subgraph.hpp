// Subgraph: one partition as the ABI shows it to the compile of a device.
#pragma once

#include <tenon/abi/device.h>

#include <deque>

#include "framework/execution/context.hpp"
#include "framework/placement/memory_plan.hpp"

namespace tenon {

// Owns what the tn_subgraph points at; not movable. `kernels`: per node of the graph; empty: those
// of the placement.
class Subgraph {
 public:
  Subgraph(const GraphContext& context, const Partition& partition, const Arena& arena,
           const Extents& bounds, std::span<const tn_kernel_desc* const> kernels = {});
  Subgraph(const Subgraph&) = delete;
  Subgraph& operator=(const Subgraph&) = delete;

  const tn_subgraph& get() const { return subgraph_; }

 private:
  std::uint32_t local(ValueId value);
  void add_node(const Node& node, const tn_kernel_desc* kernel);
  tn_tensor describe(ValueId value);
  bool made_here(ValueId value) const;

  const GraphContext& context_;
  const Partition& partition_;
  const Arena& arena_;
  const Extents& bounds_;
  std::map<ValueId, std::uint32_t> locals_;
  std::vector<tn_tensor> tensors_;
  std::vector<tn_node> nodes_;
  std::deque<std::vector<std::uint32_t>> operands_;
  std::vector<std::uint32_t> live_out_;
  std::vector<tn_weight*> weights_;
  tn_subgraph subgraph_{};
};

}  // namespace tenon
