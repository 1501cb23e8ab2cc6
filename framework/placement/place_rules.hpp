// Place rules of the user: which parts of a model run on which device.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "framework/graph/graph.hpp"
#include "framework/placement/backend_spec.hpp"

namespace tenon {

// What a rule may name. A layer has all nodes of its number; `embed` is what comes before the first
// layer, `output` what follows the last. Nodes count from 0, before composites are decomposed.
enum class ModelPart : std::uint8_t { rest, embed, output, layers, nodes };

struct PlaceRule {
  ModelPart part = ModelPart::rest;
  BackendSpec device;
  std::uint32_t first = 0, last = 0;  // of layers and nodes, inclusive
  std::uint32_t target = 0;           // index of the device, once the devices are open
};

// "layers 0-11=acme/0, output=acme/0, rest=other": a rule for each part, in any order, each part
// once; where nodes are named too, they go where they are told. Errors: ErrorCode::usage with the
// character and what was expected there.
Result<std::vector<PlaceRule>> parse_place(const std::string& text);
// What parse_place reads.
std::string to_string(std::span<const PlaceRule> rules);

// Layers of the graph: one more than the highest number.
std::uint32_t count_layers(const Graph& graph);

// The last `n` of `n_layers` layers and the output on target 0, the rest on `other`; all on target 0
// when there are no more layers than that. The output goes with the last layers: what they compute
// is there already, and its matrix is the largest one that each token reads.
std::vector<PlaceRule> split_layers(std::uint32_t n_layers, std::uint32_t n, std::uint32_t other);

// The target of every node; 0 without a rule. Errors: ErrorCode::usage for layers and nodes that the
// graph does not have.
Result<std::vector<std::uint32_t>> wanted_targets(const Graph& graph,
                                                  std::span<const PlaceRule> rules);

}  // namespace tenon
