// SingleNode: a node of a graph on its own, with inputs and a kernel of choice. A node that reads the
// cache comes with the one that writes it.
#pragma once

#include <functional>

#include "framework/engine/load/model.hpp"
#include "framework/engine/load/parts.hpp"
#include "framework/execution/shape_bucket.hpp"

namespace tenon {

// What nodes need besides their activations.
struct NodeData {
  std::function<std::span<const std::byte>(const std::string& name)> weight;
  std::function<KvState(std::uint32_t id)> state;
  std::uint64_t n_pages = 0;  // of each group of the cache
};
NodeData data_of(const Model& model);  // without a cache

// One run of the node: rows of a step, in a bucket with its bounds and kernels.
struct NodeStep {
  Extents extents{}, bounds{};
  ShapeBucket::Kernels kernels;                             // per node
  std::map<std::string, std::vector<std::int32_t>> inputs;  // bits of the values, dense, by name
};

class SingleNode {
 public:
  // `nodes`: one of the context's, or the writer and the reader of a state. `context` must outlive it.
  SingleNode(const GraphContext& context, NodeData data, std::span<const std::uint32_t> nodes);

  // Why it cannot run alone, or "".
  const std::string& obstacle() const { return obstacle_; }
  bool uses_cache() const { return !states_.empty(); }
  const Graph& graph() const { return graph_; }

  struct Operand {
    std::string name;  // in graph()
    ValueId original;  // in the context's graph
  };
  const std::vector<Operand>& inputs() const { return inputs_; }
  const std::vector<Operand>& outputs() const { return outputs_; }
  // A step with activations between -1 and 1, and indices of rows that there are.
  NodeStep random_step(const Extents& extents, const tn_kernel_desc& kernel) const;

  struct Output {
    std::vector<float> values;  // (rows, width), dense
    std::size_t width = 0;
  };
  using Outputs = std::vector<Output>;  // in the order of outputs()
  // The steps one after the other, on one cache. `bound_layouts`: weights as the placement of the
  // context says instead of plain.
  Result<std::vector<Outputs>> run(std::span<const NodeStep> steps, bool bound_layouts) const;

 private:
  void note_obstacle(std::string why);
  ValueId add(ValueId original);
  ValueId add_input(ValueId original);
  ValueId add_state(ValueId original);
  void add_output(ValueId& original);
  WeightLayouts layouts(bool bound) const;
  GraphContext make_context(const NodeStep& first, bool bound_layouts) const;
  Status put_weights(GraphContext& single) const;
  Status create_cache(GraphContext& single) const;
  Outputs collect(const GraphContext& single, const ShapeBucket& bucket,
                  const Extents& extents) const;

  const GraphContext& context_;
  NodeData data_;
  Target target_;
  std::uint32_t device_;
  Graph graph_;
  std::map<ValueId, ValueId> ids_;  // of the context's graph -> here
  std::vector<Operand> inputs_, outputs_;
  std::vector<ValueId> states_;  // here
  std::string obstacle_;
};

}  // namespace tenon
