// Node by node over all steps: what a node needs of earlier steps is only the cache, which comes with
// it.
#include "framework/bisect/interpreter.hpp"

#include <algorithm>
#include <bit>

#include "framework/engine/load/loader.hpp"
#include "framework/graph/op_info.hpp"

namespace tenon {
namespace {

Words words_of(std::span<const float> values) {
  Words words;
  for (const float x : values) words.push_back(std::bit_cast<std::int32_t>(x));
  return words;
}

}  // namespace

Result<Side> Side::place(const Model& model, Devices& devices, LoadOptions options) {
  LoadReport report;
  auto loaded = place_model(model, devices, std::move(options), report);
  if (!loaded) return fail(loaded);
  loaded->reservation = {};  // one node at a time takes little of it
  return Side(std::move(*loaded));
}

// The largest one takes every step: the batch is its bound.
const ShapeBucket& Side::bucket(const Extents& extents) const {
  const auto fits = [&](const ShapeBucket& b) {
    return b.bounds()[TN_SYM_ROWS] >= extents[TN_SYM_ROWS];
  };
  const auto found = std::ranges::find_if(loaded_.buckets, fits);
  return found != loaded_.buckets.end() ? *found : loaded_.buckets.back();
}

const tn_kernel_desc* Side::kernel(std::uint32_t node, const Extents& extents) const {
  return bucket(extents).kernel(loaded_.context, node);
}

std::vector<std::uint32_t> Side::with_writer(std::uint32_t node) const {
  std::vector<std::uint32_t> nodes;
  for (const ValueId v : graph().nodes[node].in) {
    if (v == k_no_value || graph().values[v].kind != ValueKind::state) continue;
    for (std::uint32_t n = 0; n < node; ++n)
      if (std::ranges::count(graph().nodes[n].out, v) > 0) nodes.push_back(n);
  }
  nodes.push_back(node);
  return nodes;
}

NodeStep Side::make_step(const SingleNode& single, std::span<const std::uint32_t> nodes,
                         const ModelStep& step, const StepValues* other, const StepValues& own,
                         ValueId shared) const {
  NodeStep made{step.extents, bucket(step.extents).bounds(), {}, {}};
  for (const std::uint32_t n : nodes) made.kernels.push_back(kernel(n, step.extents));
  for (const SingleNode::Operand& operand : single.inputs()) {
    const ValueId root = graph().root_of(operand.original);
    const Value& value = graph().values[root];
    const bool foreign = other != nullptr && root < shared && other->contains(root);
    const Words& words = value.kind == ValueKind::input ? step.inputs.find(value.name)->second
                         : foreign                      ? other->at(root)
                                                        : own.at(root);
    made.inputs[operand.name] = dense_words(graph(), operand.original, words, step.extents);
  }
  return made;
}

Status Side::run(std::span<const ModelStep> steps, const Side* other, ValueId shared,
                 const NodeVisitor& visit) {
  values_.assign(steps.size(), {});
  NodeData data = data_of(*loaded_.model);
  for (const KvGroup& group : loaded_.kv_groups)
    data.n_pages = std::max(data.n_pages, group.n_pages);
  data.n_pages = std::max<std::uint64_t>(data.n_pages,
                                         steps.front().inputs.find("block_table")->second.size());
  for (std::uint32_t n = 0; n < graph().nodes.size(); ++n) {
    if (graph().nodes[n].op->updates >= 0) continue;  // runs with the node that reads the cache
    const std::vector<std::uint32_t> nodes = with_writer(n);
    const SingleNode single(loaded_.context, data, nodes);
    if (!single.obstacle().empty())
      return fail(ErrorCode::failed,
                  graph().nodes[n].name + " cannot run alone: " + single.obstacle());
    std::vector<NodeStep> made;
    for (std::size_t s = 0; s < steps.size(); ++s)
      made.push_back(make_step(single, nodes, steps[s],
                               other != nullptr ? &other->values_[s] : nullptr, values_[s],
                               shared));
    const auto outputs = single.run(made, true);
    if (!outputs) return fail(outputs);
    for (std::size_t s = 0; s < steps.size(); ++s)
      for (std::size_t i = 0; i < single.outputs().size(); ++i)
        values_[s][single.outputs()[i].original] = words_of((*outputs)[s][i].values);
    if (Status s = visit({single, n, nodes, made, *outputs}); !s) return s;
  }
  return {};
}

}  // namespace tenon
