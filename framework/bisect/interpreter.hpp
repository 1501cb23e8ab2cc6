// Side: one backend with the model placed on it, whose nodes are run one at a time.
#pragma once

#include "framework/bisect/steps.hpp"
#include "framework/bisect/values.hpp"
#include "framework/engine/load/loaded_model.hpp"
#include "framework/engine/verify/single_node.hpp"

namespace tenon {

// A node that was run, with all that it takes to run it again.
struct NodeRun {
  const SingleNode& single;
  std::uint32_t node;                // of the side's graph
  std::vector<std::uint32_t> nodes;  // with the writer of the cache that it reads
  const std::vector<NodeStep>& steps;
  const std::vector<SingleNode::Outputs>& outputs;  // per step
};
using NodeVisitor = std::function<Status(const NodeRun&)>;

class Side {
 public:
  // Placed, nothing loaded: each node loads its own weights. Errors: those of place_model.
  static Result<Side> place(const Model& model, Devices& devices, LoadOptions options);

  const LoadedModel& loaded() const { return loaded_; }
  const Graph& graph() const { return loaded_.context.graph; }
  const Choice& choice(std::uint32_t node) const { return loaded_.context.placement.nodes[node]; }
  // The kernel of a node in a step of such extents; nullptr without a slot.
  const tn_kernel_desc* kernel(std::uint32_t node, const Extents& extents) const;
  // What a node computed, per step.
  const std::vector<StepValues>& values() const { return values_; }

  // Runs every node in order. Inputs are what `other` has of them, else what this side computed;
  // only values below `shared` are the same ones on both sides.
  Status run(std::span<const ModelStep> steps, const Side* other, ValueId shared,
             const NodeVisitor& visit);

 private:
  explicit Side(LoadedModel loaded) : loaded_(std::move(loaded)) {}
  const ShapeBucket& bucket(const Extents& extents) const;
  std::vector<std::uint32_t> with_writer(std::uint32_t node) const;
  NodeStep make_step(const SingleNode& single, std::span<const std::uint32_t> nodes,
                     const ModelStep& step, const StepValues* other, const StepValues& own,
                     ValueId shared) const;

  LoadedModel loaded_;
  std::vector<StepValues> values_;
};

}  // namespace tenon
