// Validation of questions about nodes, and of compiling: the subgraph must be sound.
#include <algorithm>

#include "framework/validation/layer.hpp"

namespace tenon::validation {
namespace {

tn_status supports(tn_device* dev, const tn_node_query* query, tn_support* inout) {
  Call call(dev, "supports");
  call.sized(inout, TN_SIZE_1_0_tn_support, "tn_support");
  if (call.sized(query, TN_SIZE_1_0_tn_node_query, "tn_node_query")) {
    call.sized(query->node, TN_SIZE_1_0_tn_node, "tn_node");
    for (std::uint32_t i = 0; i < query->n_in + query->n_out; ++i)
      if (query->t[i] != nullptr) call.sized(query->t[i], TN_SIZE_1_0_tn_tensor, "tn_tensor");
  }
  if (call.wrong()) return TN_ERR_INVALID;
  const tn_status status = call.answer(call.api().supports(call.device(), query, inout));
  if (status == TN_OK && inout->verdict > TN_SUPPORT_YES)
    call.plugin_error("an unknown verdict, " + std::to_string(inout->verdict));
  return status;
}

void check_operands(Call& call, const tn_subgraph& graph, const tn_node& node) {
  const auto exists = [&](std::uint32_t i) { return i == TN_NONE || i < graph.n_tensors; };
  call.require(std::all_of(node.in, node.in + node.n_in, exists) &&
                   std::all_of(node.out, node.out + node.n_out, exists),
               std::string("node ") + (node.name != nullptr ? node.name : "?") +
                   " has an operand that is no tensor of the subgraph");
}

void check_tensor(Call& call, const tn_subgraph& graph, std::uint32_t index) {
  const tn_tensor& tensor = at_stride(graph.tensors, graph.tensor_stride, index);
  if (!call.sized(&tensor, TN_SIZE_1_0_tn_tensor, "tn_tensor")) return;
  const std::string what = "tensor " + std::to_string(index);
  call.require(tensor.rank <= TN_MAX_RANK, what + " has rank " + std::to_string(tensor.rank));
  call.require(tensor.role != TN_ROLE_WEIGHT || tensor.weight < graph.n_weights,
               what + " is a weight that the subgraph lacks");
  call.require(tensor.role != TN_ROLE_VIEW || tensor.view_of < graph.n_tensors,
               what + " is a view of no tensor of the subgraph");
}

// Two tensors that interleave without a byte in common count as sharing: hosts give outputs memory
// of their own.
void check_sharing(Call& call, const tn_subgraph& graph, const tn_node& node) {
  for (std::uint32_t o = 0; o < node.n_out; ++o) {
    const auto written = node.out[o] != TN_NONE ? bytes_of(graph, node.out[o]) : std::nullopt;
    if (!written) continue;
    for (std::uint32_t i = 0; i < node.n_in; ++i) {
      const auto read = node.in[i] != TN_NONE ? bytes_of(graph, node.in[i]) : std::nullopt;
      call.require(!read || !read->meets(*written),
                   std::string("node ") + (node.name != nullptr ? node.name : "?") + ": output " +
                       std::to_string(o) + " shares bytes with input " + std::to_string(i));
    }
  }
}

void check_graph(Call& call, const tn_subgraph& graph) {
  call.require(
      graph.node_stride >= TN_SIZE_1_0_tn_node && graph.tensor_stride >= TN_SIZE_1_0_tn_tensor,
      "a stride below the size of its struct");
  if (call.wrong()) return;
  for (std::uint32_t i = 0; i < graph.n_tensors; ++i) check_tensor(call, graph, i);
  for (std::uint32_t i = 0; i < graph.n_nodes; ++i) {
    const tn_node& node = at_stride(graph.nodes, graph.node_stride, i);
    if (call.sized(&node, TN_SIZE_1_0_tn_node, "tn_node")) check_operands(call, graph, node);
  }
  for (std::uint32_t i = 0; i < graph.n_live_out; ++i)
    call.require(graph.live_out[i] < graph.n_tensors, "live_out names no tensor of the subgraph");
  if (call.wrong()) return;
  for (std::uint32_t i = 0; i < graph.n_nodes; ++i)
    check_sharing(call, graph, at_stride(graph.nodes, graph.node_stride, i));
}

bool reads_state(const tn_subgraph& graph) {
  for (std::uint32_t i = 0; i < graph.n_tensors; ++i)
    if (at_stride(graph.tensors, graph.tensor_stride, i).role == TN_ROLE_STATE) return true;
  return false;
}

tn_status compile(tn_device* dev, const tn_subgraph* graph, const tn_compile_opts* opts,
                  tn_plan** out) {
  Call call(dev, "compile");
  call.require(out != nullptr, "out is NULL");
  if (call.sized(opts, TN_SIZE_1_0_tn_compile_opts, "tn_compile_opts"))
    call.require(opts->n_syms == 0 || opts->max_syms != nullptr, "max_syms is NULL");
  if (call.sized(graph, TN_SIZE_1_0_tn_subgraph, "tn_subgraph")) check_graph(call, *graph);
  if (call.wrong()) return TN_ERR_INVALID;
  std::vector<Handle*> weights;
  std::vector<tn_weight*> raw;
  const bool sizes_only = (opts->flags & TN_COMPILE_SIZES) != 0;
  for (std::uint32_t i = 0; i < graph->n_weights; ++i) {
    const bool absent = sizes_only && graph->weights[i] == nullptr;
    if (!absent) weights.push_back(call.live(graph->weights[i], Kind::weight));
    raw.push_back(absent ? nullptr : inner<tn_weight>(weights.back()));
  }
  if (call.wrong()) return TN_ERR_INVALID;
  tn_subgraph translated = *graph;
  translated.struct_size = std::min<std::uint32_t>(graph->struct_size, sizeof(translated));
  translated.weights = raw.data();
  tn_plan* plan = nullptr;
  const tn_status compiled = call.api().compile(call.device(), &translated, opts, &plan);
  Handle* handle = nullptr;
  const tn_status status = call.answer(compiled, plan, Kind::plan, out, &handle);
  if (handle == nullptr) return status;
  for (Handle* weight : weights) ++weight->plans;
  handle->weights = std::move(weights);
  handle->sizes_only = sizes_only;
  handle->max_syms.assign(opts->max_syms, opts->max_syms + opts->n_syms);
  handle->bindings = needs_of(*graph);
  handle->has_state = reads_state(*graph);
  return status;
}

tn_status plan_info(tn_device* dev, const tn_plan* plan, tn_plan_info* inout) {
  Call call(dev, "plan_info");
  const Handle* handle = call.live(plan, Kind::plan);
  call.sized(inout, TN_SIZE_1_0_tn_plan_info, "tn_plan_info");
  if (call.wrong()) return TN_ERR_INVALID;
  return call.answer(call.api().plan_info(call.device(), inner<tn_plan>(handle), inout));
}

void plan_free(tn_device* dev, tn_plan* plan) {
  Call call(dev, "plan_free");
  Handle* handle = call.take(plan, Kind::plan);
  if (handle == nullptr) return;
  for (Handle* weight : handle->weights) --weight->plans;
  call.api().plan_free(call.device(), inner<tn_plan>(handle));
}

}  // namespace

void fill_graphs(Layer& layer) {
  tn_device_api& t = layer.table;
  t.supports = supports;
  t.compile = compile;
  t.plan_info = plan_info;
  t.plan_free = plan_free;
}

}  // namespace tenon::validation
