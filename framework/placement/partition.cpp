// Cutting a placed graph into partitions.
#include "framework/placement/partition.hpp"

#include <algorithm>
#include <set>

namespace tenon {

bool is_planned(const Graph& graph, ValueId root) {
  const ValueKind kind = graph.values[root].kind;
  return kind == ValueKind::input || kind == ValueKind::computed;
}

std::vector<Partition> make_partitions(const Graph& graph, const Placement& placement) {
  std::vector<Partition> partitions;
  std::map<ValueId, std::uint32_t> maker;  // partition that computes a root
  std::set<std::pair<std::uint32_t, ValueId>> present;
  for (std::uint32_t n = 0; n < graph.nodes.size(); ++n) {
    const std::uint32_t device = placement.nodes[n].device;
    const auto& only_for = graph.nodes[n].only_for;
    if (partitions.empty() || partitions.back().device != device ||
        partitions.back().only_for != only_for)
      partitions.push_back({device, n, n, {}, {}, only_for});
    Partition& partition = partitions.back();
    const auto index = static_cast<std::uint32_t>(partitions.size() - 1);
    partition.last = n + 1;
    for (const ValueId v : graph.nodes[n].in) {
      if (v == k_no_value) continue;
      const ValueId root = graph.root_of(v);
      const auto made = maker.find(root);
      if (made == maker.end() || made->second == index) continue;
      auto& kept = partitions[made->second].kept;
      if (std::find(kept.begin(), kept.end(), root) == kept.end()) kept.push_back(root);
      if (present.insert({device, root}).second) partition.copies_in.push_back(root);
    }
    for (const ValueId v : graph.nodes[n].out) {
      const ValueId root = graph.root_of(v);
      if (!is_planned(graph, root)) continue;
      maker[root] = index;
      present.insert({device, root});
    }
  }
  for (const auto& [_, v] : graph.outputs) {
    const auto made = maker.find(graph.root_of(v));
    if (made == maker.end()) continue;
    auto& kept = partitions[made->second].kept;
    if (std::find(kept.begin(), kept.end(), made->first) == kept.end()) kept.push_back(made->first);
  }
  return partitions;
}

std::vector<ValueId> inputs_of(const Graph& graph, const Placement& placement, std::uint32_t device,
                               std::optional<Results> only_for) {
  std::set<ValueId> found;
  for (std::uint32_t n = 0; n < graph.nodes.size(); ++n)
    for (const ValueId v : graph.nodes[n].in)
      if (v != k_no_value && placement.nodes[n].device == device &&
          graph.nodes[n].only_for == only_for &&
          graph.values[graph.root_of(v)].kind == ValueKind::input)
        found.insert(graph.root_of(v));
  return {found.begin(), found.end()};
}

}  // namespace tenon
