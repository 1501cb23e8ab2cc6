// GraphBuilder: the tn_builder that architectures build with; infers shapes, keeps the first error.
#pragma once

#include <tenon/abi/arch.h>

#include <functional>
#include <optional>
#include <string>

#include "framework/base/result.hpp"
#include "framework/graph/graph.hpp"

namespace tenon {

// What the builder may hand out: declared weights, declared KV layers, the dtype of the cache.
struct WeightShape {
  const DType* dtype;
  Shape shape;
};
struct BuildSources {
  std::function<std::optional<WeightShape>(const std::string& name)> weight;
  std::function<std::optional<Shape>(std::uint32_t layer)> state;  // (n_kv_heads, dk, dv)
  const DType* cache_dtype = nullptr;
  std::int64_t pages_per_sequence = 1;  // width of the block table
};

// Not movable: table() points at it.
class GraphBuilder {
 public:
  explicit GraphBuilder(BuildSources sources);
  GraphBuilder(const GraphBuilder&) = delete;
  GraphBuilder& operator=(const GraphBuilder&) = delete;

  const tn_builder* table() const { return &table_; }
  // The graph, or the first thing that went wrong while it was built.
  Result<Graph> finish();

  // The builder's functions, as values; each returns k_no_value (0 across the ABI) after an error.
  ValueId input(const std::string& role);
  ValueId weight(const std::string& name);
  ValueId state(std::uint32_t layer);
  bool op(const std::string& name, std::uint64_t features, const void* params,
          std::span<const ValueId> in, std::span<ValueId> out);
  ValueId view(ValueId src, std::span<const std::int64_t> dim, const std::int64_t* stride,
               std::int64_t offset);
  bool output(const std::string& role, ValueId value);
  void scope(const std::string& name, std::int32_t layer);
  void error(std::string text);
  // Ends the building after an exception; takes no memory itself.
  void lost_memory() noexcept { lost_memory_ = true; }

  bool ok() const { return !error_ && !lost_memory_; }
  const Graph& graph() const { return graph_; }
  bool known(ValueId id) const { return id < graph_.values.size(); }

 private:
  ValueId add(Value value);
  ValueId as_f32(ValueId id);
  bool check_operand(const OpInfo& op, std::size_t i, ValueId id);

  BuildSources sources_;
  tn_builder table_;
  Graph graph_;
  std::map<std::string, ValueId> weights_;
  std::map<std::uint32_t, ValueId> states_;
  std::string scope_;
  std::uint32_t layer_ = TN_NONE;
  std::optional<Error> error_;
  bool lost_memory_ = false;
};

}  // namespace tenon
