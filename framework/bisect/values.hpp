// StepValues: what the nodes of one step computed, as dense words.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "framework/graph/extents.hpp"
#include "framework/graph/graph.hpp"

namespace tenon {

using Words = std::vector<std::int32_t>;      // the bits of f32 or i32
using StepValues = std::map<ValueId, Words>;  // of roots

// The dense words of a value that is a view of `root`, or the root itself.
Words dense_words(const Graph& graph, ValueId value, const Words& root, const Extents& extents);

}  // namespace tenon
