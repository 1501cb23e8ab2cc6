// Maker: graphs by hand; declares the weights and caches that the builder asks for.
#pragma once

#include <gtest/gtest.h>
#include <tenon/abi/ops.h>

#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "framework/graph/builder.hpp"
#include "framework/graph/op_table.hpp"

namespace tenon::graph_test {

constexpr tn_norm_params k_norm{sizeof(tn_norm_params), 1e-5f};
constexpr tn_top_k_params k_top{sizeof(tn_top_k_params), 3};
constexpr tn_scale_params k_scale{sizeof(tn_scale_params), 2.0f};
constexpr tn_attention_params k_attention{sizeof(tn_attention_params), 2, 0.5f, 0, 0};
constexpr tn_rope_params k_rope{sizeof(tn_rope_params), 4, 1e4f, 1, 1, 0, 0, 0};

class Maker {
 public:
  Maker() : b(sources()) {}

  ValueId weight(const std::string& name, const std::vector<std::int64_t>& dim,
                 const char* dtype = "f32") {
    Shape shape;
    for (const std::int64_t d : dim) shape.dim[shape.rank++] = d;
    weights_[name] = {find_dtype(dtype), shape};
    return b.weight(name);
  }
  void cache(std::uint32_t layer, std::initializer_list<std::int64_t> dim,
             std::uint32_t group = 0) {
    states_[layer] = {make_shape(dim), group};
  }
  // The only output, or k_no_value.
  ValueId op(const char* name, std::vector<ValueId> in, std::uint64_t features = 0,
             const void* params = nullptr) {
    ValueId out = k_no_value;
    return b.op(name, features, params, in, {&out, 1}) ? out : k_no_value;
  }
  std::vector<ValueId> op_n(const char* name, std::vector<ValueId> in, std::size_t n_out,
                            const void* params = nullptr) {
    std::vector<ValueId> out(n_out, k_no_value);
    b.op(name, 0, params, in, out);
    return out;
  }
  ValueId view(ValueId src, std::vector<std::int64_t> dim) { return b.view(src, dim, nullptr, 0); }
  ValueId slice(ValueId src, std::vector<std::int64_t> dim, std::vector<std::int64_t> stride,
                std::int64_t offset) {
    return b.view(src, dim, stride.data(), offset);
  }
  // Rows (T, width) of f32 from a table of their own.
  ValueId rows(std::int64_t width, const std::string& table = "table") {
    return op(TN_OP_EMBED_ROWS, {weight(table, {16, width}), b.input("tokens")});
  }
  ValueId norm(ValueId x, ValueId w) {
    return op(TN_OP_MUL, {op(TN_OP_RMS_NORM, {x}, 0, &k_norm), w}, TN_ELEMENTWISE_BROADCAST);
  }
  ValueId matmul(ValueId w, ValueId x) { return op(TN_OP_MATMUL, {w, x}); }
  // kv_write and attention of a layer; k_attention wants 2 heads in the cache.
  ValueId attend(std::uint32_t layer, ValueId q, ValueId k, ValueId v) {
    const ValueId kept = op(TN_OP_KV_WRITE, {k, v, b.input("slots"), b.state(layer)});
    return op(TN_OP_ATTENTION,
              {q, kept, b.input("positions"), b.input("seq_ids"), b.input("block_table")}, 0,
              &k_attention);
  }

  const Shape& shape(ValueId v) const { return b.graph().values.at(v).shape; }
  // The first error, "" if there is none; ends the building.
  std::string error() {
    const auto graph = b.finish();
    return graph ? "" : graph.error().message();
  }
  Graph finish(ValueId out) {
    b.output("logits", out);
    auto graph = b.finish();
    EXPECT_TRUE(graph) << graph.error().message();
    return graph ? std::move(*graph) : Graph{};
  }

 private:
  BuildSources sources() {
    BuildSources s;
    s.weight = [this](const std::string& name) -> std::optional<WeightShape> {
      const auto found = weights_.find(name);
      if (found == weights_.end()) return std::nullopt;
      return found->second;
    };
    s.state = [this](std::uint32_t layer) -> std::optional<StateShape> {
      const auto found = states_.find(layer);
      if (found == states_.end()) return std::nullopt;
      return found->second;
    };
    s.cache_dtype = find_dtype("f16");
    s.pages_per_sequence = 3;
    return s;
  }
  std::map<std::string, WeightShape> weights_;
  std::map<std::uint32_t, StateShape> states_;

 public:
  GraphBuilder b;
};

// Names of the ops in order, "add rms_norm …".
inline std::string ops_of(const std::vector<Node>& nodes) {
  std::string text;
  for (const Node& n : nodes) {
    const std::string_view bare = n.op->name.substr(3, n.op->name.find('/') - 3);
    text += (text.empty() ? "" : " ") + std::string(bare);
  }
  return text;
}

// Whether every computed input of a node is made before it.
inline bool in_order(const Graph& graph) {
  std::vector<bool> made(graph.values.size(), false);
  for (const Node& n : graph.nodes) {
    for (const ValueId v : n.in)
      if (v != k_no_value && graph.values[graph.root_of(v)].kind == ValueKind::computed &&
          !made[graph.root_of(v)])
        return false;
    for (const ValueId v : n.out) made[v] = true;
  }
  return true;
}

}  // namespace tenon::graph_test
