// AbiGraph: the tensors and nodes of a graph as the ABI shows them to plugins,
// and queries about them.
#pragma once

#include <tenon/abi/graph.h>

#include <vector>

#include "framework/graph/extents.hpp"
#include "framework/graph/graph.hpp"
#include "framework/plugin/host_table.hpp"

namespace tenon {

// One value; roles, bindings and view_of are the caller's to complete.
tn_tensor to_abi(const Value& value, const HostTable& host, const Extents& bounds);
// One node; operand arrays are borrowed from `node`.
tn_node to_abi(const Node& node, const HostTable& host);

// Bytes a value takes with these extents, all rows.
std::uint64_t byte_size(const Value& value, const Extents& extents);

// Builds queries for the nodes of `graph`, which must outlive it. One thread at a time.
class QueryBuilder {
 public:
  QueryBuilder(const Graph& graph, const HostTable& host, const Extents& bounds);

  // Valid until the next call. `bound` may be nullptr.
  const tn_node_query& query(const Node& node, const tn_kernel_desc* bound);

 private:
  void sync();  // the graph may have grown by decomposition

  const Graph& graph_;
  const HostTable& host_;
  Extents bounds_;
  std::vector<tn_tensor> tensors_;
  std::vector<const tn_tensor*> operands_;
  tn_node node_{};
  tn_node_query query_{};
};

}  // namespace tenon
