// SingleNode: one node of a graph, alone, with random activations, run with a kernel of choice.
#pragma once

#include "framework/engine/load/model.hpp"
#include "framework/execution/shape_bucket.hpp"

namespace tenon {

class SingleNode {
 public:
  // With as many rows as `extents` says. `context` and `model` must outlive it.
  SingleNode(const GraphContext& context, const Model& model, std::uint32_t node,
             const Extents& extents);

  // Why it cannot run alone, or "".
  const std::string& obstacle() const { return obstacle_; }
  const Graph& graph() const { return graph_; }

  struct Output {
    std::vector<float> values;  // (rows, width), dense
    std::size_t width = 0;
  };
  // The outputs, in the order of the names that they have in graph().
  // `bound_layouts`: weights as the placement of the context says instead of plain.
  Result<std::vector<Output>> run(const tn_kernel_desc& kernel, bool bound_layouts) const;

 private:
  void note_obstacle(std::string why);
  ValueId add(ValueId original);
  ValueId add_input(Value value);
  void fill(const Value& input, std::int64_t indices);
  WeightLayouts layouts(bool bound) const;
  GraphContext make_context(const tn_kernel_desc& kernel, bool bound_layouts) const;
  Status put_weights(GraphContext& single) const;

  const GraphContext& context_;
  const Model& model_;
  Target target_;
  std::uint32_t device_;
  Extents extents_;
  Graph graph_;
  std::map<ValueId, ValueId> ids_;  // of the context's graph -> here
  std::map<std::string, std::vector<std::int32_t>> inputs_;
  std::string obstacle_;
};

}  // namespace tenon
