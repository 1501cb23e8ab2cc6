// Asking for each node again, with the bounds of the bucket.
#include "framework/placement/bucket_kernels.hpp"

#include <algorithm>

#include "framework/graph/op_info.hpp"

namespace tenon {
namespace {

bool same_arithmetic(const char* a, const char* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return std::string_view(a) == b;
}

// Whether the kernel takes every weight of the node as it is stored.
bool takes_weights(const Graph& graph, const Placement& placement, std::uint32_t n,
                   const NodeSupport& support, const RankedKernel& kernel) {
  const Node& node = graph.nodes[n];
  for (std::size_t i = 0; i < node.in.size(); ++i) {
    if (node.in[i] == k_no_value || !node.op->weight_operand(i)) continue;
    const auto stored =
        placement.weights.find({placement.nodes[n].device, graph.root_of(node.in[i])});
    if (stored != placement.weights.end() && !accepts_layout(support, kernel, stored->second.id))
      return false;
  }
  return true;
}

}  // namespace

Result<std::vector<const tn_kernel_desc*>> bucket_kernels(
    const Graph& graph, const Placement& placement, std::span<const Target> targets,
    const KernelSources& sources, const HostTable& host, const Extents& bounds) {
  QueryBuilder queries(graph, host, bounds);
  std::vector<const tn_kernel_desc*> kernels;
  for (std::uint32_t n = 0; n < graph.nodes.size(); ++n) {
    const Choice& choice = placement.nodes[n];
    kernels.push_back(nullptr);
    if (targets[choice.device].device.info().slots.empty()) continue;
    const NodeSupport support =
        find_support(graph, graph.nodes[n], targets[choice.device], sources, queries);
    const auto best =
        std::find_if(support.kernels.begin(), support.kernels.end(), [&](const RankedKernel& k) {
          return same_arithmetic(k.arithmetic, choice.arithmetic) &&
                 takes_weights(graph, placement, n, support, k);
        });
    if (best == support.kernels.end())
      return fail(ErrorCode::unavailable,
                  graph.nodes[n].name + ": no kernel of the arithmetic of " +
                      name_of(choice.kernel) + " takes up to " +
                      std::to_string(bounds[TN_SYM_ROWS]) + " rows (" + support.refusal + ")");
    kernels.back() = best->desc;
  }
  return kernels;
}

}  // namespace tenon
