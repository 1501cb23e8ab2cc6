// A graph of one node or two, and the least that running it takes.
#include "framework/engine/verify/single_node.hpp"

#include <algorithm>
#include <bit>
#include <random>

#include "framework/graph/op_info.hpp"

namespace tenon {
namespace {

constexpr std::uint32_t k_seed = 20;

bool is_state(const Value& value) { return value.kind == ValueKind::state; }

// Rows that an index of the node may name.
std::int64_t indexed_rows(const Graph& graph, std::int64_t rows) {
  for (const ValueId v : graph.nodes[0].in)
    if (v != k_no_value && graph.values[v].kind == ValueKind::weight)
      rows = graph.values[v].shape.dim[0];
  return rows;
}

}  // namespace

NodeData data_of(const Model& model) {
  return {[&model](const std::string& name) {
            return model.declared().tensors.find(name)->second->data;
          },
          [&model](std::uint32_t id) { return model.declared().states.at(id); }};
}

SingleNode::SingleNode(const GraphContext& context, NodeData data,
                       std::span<const std::uint32_t> nodes)
    : context_(context),
      data_(std::move(data)),
      target_(context.targets[context.placement.nodes[nodes.back()].device]),
      device_(context.placement.nodes[nodes.back()].device) {
  for (const std::uint32_t n : nodes) {
    Node copy = context.graph.nodes[n];
    for (ValueId& v : copy.in) v = v == k_no_value ? v : add(v);
    for (ValueId& v : copy.out) add_output(v);
    graph_.nodes.push_back(std::move(copy));
  }
}

// The first one is the reason.
void SingleNode::note_obstacle(std::string why) {
  if (obstacle_.empty()) obstacle_ = std::move(why);
}

ValueId SingleNode::add(ValueId original) {
  if (const auto found = ids_.find(original); found != ids_.end()) return found->second;
  const ValueId root = context_.graph.root_of(original);
  if (is_state(context_.graph.values[root])) return add_state(original);
  if (context_.graph.values[root].kind != ValueKind::weight) return add_input(original);
  Value value = context_.graph.values[original];
  if (root != original) value.root = add(root);
  graph_.values.push_back(std::move(value));
  return ids_[original] = static_cast<ValueId>(graph_.values.size() - 1);
}

// Activations of any origin become dense inputs.
ValueId SingleNode::add_input(ValueId original) {
  const auto id = static_cast<ValueId>(graph_.values.size());
  Value value = context_.graph.values[original];
  if (value.dtype->name != "f32" && value.dtype->name != "i32")
    note_obstacle("an input of type " + std::string(value.dtype->name));
  value.kind = ValueKind::input;
  value.root = k_no_value;
  value.offset = 0;
  value.name = "in" + std::to_string(id);
  set_dense_strides(value);
  inputs_.push_back({value.name, original});
  graph_.inputs[value.name] = id;
  graph_.values.push_back(std::move(value));
  return ids_[original] = id;
}

// A state as it is before the first of the nodes, or after a node that is here.
ValueId SingleNode::add_state(ValueId original) {
  const ValueId root = context_.graph.root_of(original);
  Value value = context_.graph.values[original];
  value.root = root == original ? k_no_value : add(root);
  const auto id = static_cast<ValueId>(graph_.values.size());
  if (value.root == k_no_value) states_.push_back(id);
  graph_.values.push_back(std::move(value));
  return ids_[original] = id;
}

void SingleNode::add_output(ValueId& v) {
  const ValueId original = v;
  Value value = context_.graph.values[original];
  if (is_state(value)) {
    v = add_state(original);
    return;
  }
  if (value.kind != ValueKind::computed || value.dtype->name != "f32")
    note_obstacle("its result is not a tensor of f32");
  v = ids_[original] = static_cast<ValueId>(graph_.values.size());
  outputs_.push_back({"out" + std::to_string(v), original});
  graph_.outputs[outputs_.back().name] = v;
  graph_.values.push_back(std::move(value));
}

NodeStep SingleNode::random_step(const Extents& extents, const tn_kernel_desc& kernel) const {
  NodeStep step{extents, extents, {&kernel}, {}};
  const auto indices = static_cast<std::uint64_t>(indexed_rows(graph_, extents[TN_SYM_ROWS]));
  for (const Operand& operand : inputs_) {
    const Value& value = graph_.values[graph_.inputs.at(operand.name)];
    std::mt19937 random(k_seed + static_cast<std::uint32_t>(step.inputs.size()));
    std::vector<std::int32_t>& words = step.inputs[operand.name];
    words.resize(byte_size(value, extents) / sizeof(std::int32_t));
    for (std::int32_t& word : words)
      word = value.dtype->name == "i32"
                 ? static_cast<std::int32_t>(random() % indices)
                 : std::bit_cast<std::int32_t>(static_cast<float>(random()) * 0x1p-31f - 1.0f);
  }
  return step;
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

GraphContext SingleNode::make_context(const NodeStep& first, bool bound_layouts) const {
  GraphContext single;
  single.host = context_.host;
  single.graph = graph_;
  for (const tn_kernel_desc* kernel : first.kernels)
    single.placement.nodes.push_back({0, kernel, "alone"});
  single.placement.weights = layouts(bound_layouts);
  single.targets = {target_};
  single.partitions = make_partitions(single.graph, single.placement);
  single.kv.emplace_back();
  return single;
}

Status SingleNode::put_weights(GraphContext& single) const {
  const auto exclusive = target_.device.exclusive();
  for (const auto& [place, layout] : single.placement.weights) {
    auto weight = put_bytes(single, place, data_.weight(graph_.values[place.weight].name), nullptr);
    if (!weight) return fail(weight);
    single.weights.emplace(place, std::move(*weight));
  }
  tn_weight_report report{};
  report.struct_size = sizeof(report);
  return target_.device.check(target_.device.api().weights_commit(target_.device.handle(), &report),
                              "cannot load the weights");
}

Status SingleNode::create_cache(GraphContext& single) const {
  if (states_.empty()) return {};
  std::vector<tn_state_desc> states;
  std::uint32_t groups = 0;
  for (const ValueId id : states_) {
    const Value& value = graph_.values[id];
    const KvState kv = data_.state(value.layer);
    groups = std::max(groups, kv.group + 1);
    states.push_back({sizeof(tn_state_desc), TN_STATE_KV, value.layer, kv.group, kv.n_kv_heads,
                      kv.dk, kv.dv, context_.host->intern(TN_KIND_DTYPE, value.dtype->name), 0, 0,
                      kv.window});
  }
  const std::vector<std::uint64_t> pages(groups, data_.n_pages);
  tn_kv_desc desc{};
  desc.struct_size = sizeof(desc);
  desc.n_states = static_cast<std::uint32_t>(states.size());
  desc.state_stride = sizeof(tn_state_desc);
  desc.states = states.data();
  desc.n_pages = pages.data();
  desc.n_groups = groups;
  desc.page_positions = TN_PAGE_POSITIONS;
  tn_kv* kv = nullptr;
  const auto exclusive = target_.device.exclusive();
  context_.host->take_error();
  const tn_status status = target_.device.api().kv_create(target_.device.handle(), &desc, &kv);
  if (status == TN_OK) single.kv.back() = OwnedKv(target_.device, kv);
  return target_.device.check(status, "cannot create the KV cache");
}

SingleNode::Outputs SingleNode::collect(const GraphContext& single, const ShapeBucket& bucket,
                                        const Extents& extents) const {
  Outputs outputs;
  for (const Operand& operand : outputs_) {
    const Value& value = graph_.values[graph_.outputs.at(operand.name)];
    const float* first = bucket.output(single, operand.name);
    const std::size_t n = byte_size(value, extents) / sizeof(float);
    const std::int64_t rows = value.shape.symbolic() ? extents[value.shape.sym[0]] : 1;
    outputs.push_back({{first, first + n}, n / static_cast<std::size_t>(rows)});
  }
  return outputs;
}

Result<std::vector<SingleNode::Outputs>> SingleNode::run(std::span<const NodeStep> steps,
                                                         bool bound_layouts) const {
  GraphContext single = make_context(steps.front(), bound_layouts);
  if (Status s = put_weights(single); !s) return fail(s);
  if (Status s = create_cache(single); !s) return fail(s);
  std::map<Extents, std::size_t> bucket_of;
  std::vector<ShapeBucket> buckets;
  for (const NodeStep& step : steps) {
    if (!bucket_of.emplace(step.bounds, buckets.size()).second) continue;
    buckets.emplace_back(single, step.bounds);
    buckets.back().use_kernels(step.kernels);
  }
  if (Status s = allocate_arenas(single, buckets); !s) return fail(s);
  for (ShapeBucket& bucket : buckets)
    if (Status s = bucket.compile(single); !s) return fail(s);
  std::vector<Outputs> outputs;
  for (const NodeStep& step : steps) {
    ShapeBucket& bucket = buckets[bucket_of.at(step.bounds)];
    StepInputs inputs;
    for (const auto& [name, words] : step.inputs) inputs[name] = words;
    if (Status s = bucket.run(single, step.extents, inputs, nullptr); !s) return fail(s);
    outputs.push_back(collect(single, bucket, step.extents));
  }
  return outputs;
}

}  // namespace tenon
