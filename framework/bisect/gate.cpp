// The gates of verify_kernels, for two sides.
#include "framework/bisect/gate.hpp"

#include <algorithm>

#include "framework/engine/verify/verify_kernels.hpp"

namespace tenon {
namespace {

// Quantised weights, or a cache that is.
bool has_blocks(const Graph& graph) {
  return std::ranges::any_of(graph.nodes.back().in, [&](ValueId v) {
    return v != k_no_value && graph.values[v].dtype->block_elements > 1;
  });
}

double gate_of(const Graph& graph, const tn_kernel_desc* kernel) {
  if (kernel != nullptr) return kernel_limit(*kernel);
  return has_blocks(graph) ? k_int8_limit : k_float_limit;
}

}  // namespace

double gate_of(const Graph& graph, const tn_kernel_desc* b, const tn_kernel_desc* a) {
  return std::max(gate_of(graph, b), gate_of(graph, a));
}

}  // namespace tenon
