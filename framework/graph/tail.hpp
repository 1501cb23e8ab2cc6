// The tail of a graph: what sampling reads of a step instead of all logits, computed where these are.
#pragma once

#include "framework/graph/graph.hpp"

namespace tenon {

// Appends the argmax of output "logits" (O,V): output "token" (O) i32; and its top_k, k = min(V, 256):
// outputs "top_ids" and "top_logits" (O,k+256), of which those of the input "listed" (O,256) are the
// last. Each runs only in the steps that are read for it.
void add_tail(Graph& graph);

// Where the tail begins: all nodes before it always run.
std::size_t tail_of(const Graph& graph);

// Takes a node of the tail away, with its outputs.
void drop_tail_node(Graph& graph, std::size_t node);

}  // namespace tenon
