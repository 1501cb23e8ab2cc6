// Fusion and its reverse, both from the decompositions in the op table.
#pragma once

#include "framework/graph/graph.hpp"

namespace tenon {

// Replaces every match of a composite's decomposition by the composite. Values that the composite
// hides must have no other reader.
void fuse(Graph& graph);

// The nodes that compute what the composite `node` computes;
// its hidden values are added to `graph`.
std::vector<Node> decompose(Graph& graph, const Node& node);

}  // namespace tenon
