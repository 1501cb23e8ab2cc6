// Bundle: one op with its parameters, weights, inputs and what both sides made of it: a folder of .npy
// files and manifest.json, from which the op runs again without the model.
#pragma once

#include <filesystem>

#include "framework/bisect/values.hpp"
#include "framework/engine/verify/single_node.hpp"

namespace tenon {

struct BundleStep {
  Extents extents{}, bounds{};
  std::map<std::string, Words> inputs;                // by name in the graph
  std::map<std::string, Words> outputs_a, outputs_b;  // likewise
};

struct Bundle {
  std::string backend_a, backend_b, kernel_a, kernel_b;
  double limit = 0;
  Graph graph;  // inputs, weights, states; one node, behind the writer of the cache that it reads
  std::map<std::string, std::vector<std::uint8_t>> weights;  // as the model file holds them
  std::map<std::uint32_t, KvState> states;
  std::uint64_t n_pages = 0;
  std::vector<BundleStep> steps;  // the last one is that where the sides differ
};

// Into a folder, which is made if it is not there; files in it are replaced.
Status write_bundle(const Bundle& bundle, const std::filesystem::path& folder);
// Everything is checked as far as the graph and its runs rely on it. Errors: ErrorCode::usage with the
// file and what is wrong with it.
Result<Bundle> read_bundle(const std::filesystem::path& folder);

}  // namespace tenon
