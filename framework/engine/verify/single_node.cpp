// A graph of one node, and the least that running it takes.
#include "framework/engine/verify/single_node.hpp"

#include <bit>
#include <random>

#include "framework/engine/load/parts.hpp"
#include "framework/graph/op_info.hpp"

namespace tenon {
namespace {

constexpr std::uint32_t k_seed = 20;

}  // namespace

SingleNode::SingleNode(const GraphContext& context, const Model& model, std::uint32_t node,
                       const Extents& extents)
    : context_(context),
      model_(model),
      target_(context.targets[context.placement.nodes[node].device]),
      device_(context.placement.nodes[node].device),
      extents_(extents) {
  const Node& original = context.graph.nodes[node];
  Node copy = original;
  for (ValueId& v : copy.in) v = v == k_no_value ? v : add(v);
  for (ValueId& v : copy.out) {
    Value value = context.graph.values[v];
    if (value.kind != ValueKind::computed || value.dtype->name != "f32")
      note_obstacle("its result is not a tensor of f32");
    v = static_cast<ValueId>(graph_.values.size());
    graph_.values.push_back(std::move(value));
    graph_.outputs["out" + std::to_string(v)] = v;
  }
  graph_.nodes.push_back(std::move(copy));
  std::int64_t indices = extents_[TN_SYM_ROWS];  // rows that an index may name
  for (const ValueId v : graph_.nodes[0].in)
    if (v != k_no_value && graph_.values[v].kind == ValueKind::weight)
      indices = graph_.values[v].shape.dim[0];
  for (const auto& [_, v] : graph_.inputs) fill(graph_.values[v], indices);
}

// The first one is the reason.
void SingleNode::note_obstacle(std::string why) {
  if (obstacle_.empty()) obstacle_ = std::move(why);
}

ValueId SingleNode::add(ValueId original) {
  if (const auto found = ids_.find(original); found != ids_.end()) return found->second;
  Value value = context_.graph.values[original];
  const ValueId root = context_.graph.root_of(original);
  if (context_.graph.values[root].kind == ValueKind::state)
    note_obstacle("it reads or writes the cache");
  if (context_.graph.values[root].kind != ValueKind::weight)
    return ids_[original] = add_input(std::move(value));
  if (root != original) value.root = add(root);
  graph_.values.push_back(std::move(value));
  return ids_[original] = static_cast<ValueId>(graph_.values.size() - 1);
}

// Activations of any origin become dense inputs.
ValueId SingleNode::add_input(Value value) {
  const auto id = static_cast<ValueId>(graph_.values.size());
  value.kind = ValueKind::input;
  value.root = k_no_value;
  value.offset = 0;
  value.name = "in" + std::to_string(id);
  set_dense_strides(value);
  graph_.inputs[value.name] = id;
  graph_.values.push_back(std::move(value));
  return id;
}

void SingleNode::fill(const Value& input, std::int64_t indices) {
  std::mt19937 random(k_seed + static_cast<std::uint32_t>(inputs_.size()));
  std::vector<std::int32_t>& words = inputs_[input.name];
  words.resize(byte_size(input, extents_) / sizeof(std::int32_t));
  if (input.dtype->name == "i32") {
    for (std::int32_t& word : words)
      word = static_cast<std::int32_t>(random() % static_cast<std::uint64_t>(indices));
  } else if (input.dtype->name == "f32") {
    for (std::int32_t& word : words)  // -1 … 1
      word = std::bit_cast<std::int32_t>(static_cast<float>(random()) * 0x1p-31f - 1.0f);
  } else {
    note_obstacle("an input of type " + std::string(input.dtype->name));
  }
}

WeightLayouts SingleNode::layouts(bool bound) const {
  WeightLayouts layouts;
  for (const auto& [original, id] : ids_) {
    if (graph_.values[id].kind != ValueKind::weight) continue;
    const auto chosen = context_.placement.weights.find({device_, original});
    const bool known = bound && chosen != context_.placement.weights.end();
    layouts[{0, id}] = known ? chosen->second : WeightLayout{};
  }
  return layouts;
}

GraphContext SingleNode::make_context(const tn_kernel_desc& kernel, bool bound_layouts) const {
  GraphContext single;
  single.host = context_.host;
  single.graph = graph_;
  single.placement.nodes = {{0, &kernel, "verified"}};
  single.placement.weights = layouts(bound_layouts);
  single.targets = {target_};
  single.partitions = make_partitions(single.graph, single.placement);
  single.kv.emplace_back();
  return single;
}

Status SingleNode::put_weights(GraphContext& single) const {
  const auto exclusive = target_.device.exclusive();
  for (const auto& [place, layout] : single.placement.weights) {
    auto weight = put_weight(single, model_, place, nullptr);
    if (!weight) return fail(weight);
    single.weights.emplace(place, std::move(*weight));
  }
  tn_weight_report report{};
  report.struct_size = sizeof(report);
  return target_.device.check(target_.device.api().weights_commit(target_.device.handle(), &report),
                              "cannot load the weights");
}

Result<std::vector<SingleNode::Output>> SingleNode::run(const tn_kernel_desc& kernel,
                                                        bool bound_layouts) const {
  GraphContext single = make_context(kernel, bound_layouts);
  if (Status s = put_weights(single); !s) return fail(s);
  ShapeBucket bucket(single, extents_);
  if (Status s = allocate_arenas(single, {&bucket, 1}); !s) return fail(s);
  if (Status s = bucket.compile(single); !s) return fail(s);
  StepInputs inputs;
  for (const auto& [name, words] : inputs_) inputs[name] = words;
  if (Status s = bucket.run(single, extents_, inputs, nullptr); !s) return fail(s);
  std::vector<Output> outputs;
  for (const auto& [name, id] : graph_.outputs) {
    const float* first = bucket.output(single, name);
    const std::size_t n = byte_size(graph_.values[id], extents_) / sizeof(float);
    const std::int64_t rows = extents_[graph_.values[id].shape.sym[0]];
    outputs.push_back({{first, first + n}, n / static_cast<std::size_t>(rows)});
  }
  return outputs;
}

}  // namespace tenon
