// Two nodes behind the last one of the model.
#include "framework/graph/tail.hpp"

#include <algorithm>
#include <cstring>

#include "framework/graph/op_table.hpp"

namespace tenon {
namespace {

ValueId add(Graph& graph, ValueKind kind, const Shape& shape, const char* dtype) {
  Value value;
  value.kind = kind;
  value.shape = shape;
  value.dtype = find_dtype(dtype);
  set_dense_strides(value);
  graph.values.push_back(std::move(value));
  return static_cast<ValueId>(graph.values.size() - 1);
}

}  // namespace

void add_tail(Graph& graph) {
  const ValueId logits = graph.outputs.at("logits");
  constexpr auto k_listed = static_cast<std::int64_t>(k_max_candidates);
  const std::int64_t k = std::min(graph.values[logits].shape.width(), k_listed);
  const auto rows = [](std::int64_t width) { return make_shape({0, width}, TN_SYM_OUT_ROWS); };
  const ValueId token = add(graph, ValueKind::computed, make_shape({0}, TN_SYM_OUT_ROWS), "i32");
  const ValueId listed = add(graph, ValueKind::input, rows(k_listed), "i32");
  const ValueId ids = add(graph, ValueKind::computed, rows(k + k_listed), "i32");
  const ValueId values = add(graph, ValueKind::computed, rows(k + k_listed), "f32");
  graph.values[listed].name = "listed";
  graph.inputs["listed"] = listed;
  graph.outputs["token"] = token;
  graph.outputs["top_ids"] = ids;
  graph.outputs["top_logits"] = values;
  const tn_top_k_params params{sizeof(params), static_cast<std::uint32_t>(k)};
  std::vector<std::byte> bytes(sizeof(params));
  std::memcpy(bytes.data(), &params, sizeof(params));
  graph.nodes.push_back(
      {find_op(TN_OP_ARGMAX), {logits}, {token}, 0, {}, TN_NONE, "output.argmax", Results::tokens});
  graph.nodes.push_back({find_op(TN_OP_TOP_K),
                         {logits, listed},
                         {ids, values},
                         0,
                         bytes,
                         TN_NONE,
                         "output.top_k",
                         Results::candidates});
}

std::size_t tail_of(const Graph& graph) {
  const auto first =
      std::ranges::find_if(graph.nodes, [](const Node& n) { return n.only_for.has_value(); });
  return static_cast<std::size_t>(first - graph.nodes.begin());
}

void drop_tail_node(Graph& graph, std::size_t node) {
  for (const ValueId made : graph.nodes[node].out)
    std::erase_if(graph.outputs, [&](const auto& output) { return output.second == made; });
  graph.nodes.erase(graph.nodes.begin() + static_cast<std::ptrdiff_t>(node));
}

}  // namespace tenon
