// Offset assignment: the largest first, each at the lowest offset that no living neighbour holds.
#include "framework/placement/memory_plan.hpp"

#include <algorithm>

#include "framework/placement/abi_graph.hpp"

namespace tenon {
namespace {

constexpr std::uint64_t k_alignment = 64;

// Node indices between which the bytes of a value are needed, inclusive.
struct Life {
  std::uint32_t from = UINT32_MAX, to = 0;
  void include(std::uint32_t n) {
    from = std::min(from, n);
    to = std::max(to, n);
  }
};
using Lives = std::map<ValueId, Life>;

struct Placing {
  ValueId value;
  Life life;
  std::uint64_t bytes, offset = 0;
};

bool overlap(const Life& a, const Life& b) { return a.from <= b.to && b.from <= a.to; }

Arena assign(const Graph& graph, const Lives& lives, const Extents& bounds) {
  std::vector<Placing> items;
  for (const auto& [value, life] : lives) {
    const std::uint64_t bytes = byte_size(graph.values[value], bounds);
    items.push_back({value, life, (bytes + k_alignment - 1) / k_alignment * k_alignment});
  }
  std::sort(items.begin(), items.end(), [](const Placing& a, const Placing& b) {
    return a.bytes != b.bytes ? a.bytes > b.bytes : a.value < b.value;
  });
  Arena arena;
  std::vector<Placing> placed;  // by offset
  for (Placing& item : items) {
    std::uint64_t at = 0;
    for (const Placing& other : placed)
      if (overlap(item.life, other.life) && at < other.offset + other.bytes &&
          other.offset < at + item.bytes)
        at = other.offset + other.bytes;
    item.offset = at;
    arena.offset[item.value] = at;
    arena.bytes = std::max(arena.bytes, at + item.bytes);
    placed.insert(
        std::upper_bound(placed.begin(), placed.end(), item,
                         [](const Placing& a, const Placing& b) { return a.offset < b.offset; }),
        item);
  }
  return arena;
}

void include_nodes(const Graph& graph, const Placement& placement, std::vector<Lives>& lives) {
  for (std::uint32_t n = 0; n < graph.nodes.size(); ++n) {
    Lives& here = lives[placement.nodes[n].device];
    const auto include = [&](ValueId v) {
      if (v == k_no_value) return;
      const ValueId root = graph.root_of(v);
      if (!is_planned(graph, root)) return;
      here[root].include(n);
      if (graph.values[root].kind == ValueKind::input) here[root].include(0);
    };
    for (const ValueId v : graph.nodes[n].in) include(v);
    for (const ValueId v : graph.nodes[n].out) include(v);
  }
}

}  // namespace

MemoryPlan plan_memory(const Graph& graph, const Placement& placement,
                       const std::vector<Partition>& partitions,
                       const std::vector<bool>& host_memory, const Extents& bounds) {
  std::vector<Lives> lives(host_memory.size());
  Lives staging;
  include_nodes(graph, placement, lives);
  std::map<ValueId, std::uint32_t> maker;
  // What a device without host memory hands on is read to staging right after its partition; what a
  // host device hands on is read where it is, when the other partition starts.
  const auto hold = [&](ValueId v, std::uint32_t until) {
    const std::uint32_t from = maker.at(v);
    Lives& source = host_memory[partitions[from].device] ? lives[partitions[from].device] : staging;
    if (!host_memory[partitions[from].device]) {
      source[v].include(partitions[from].first);
      lives[partitions[from].device][v].include(partitions[from].last - 1);
    }
    source[v].include(until);
  };
  for (std::uint32_t s = 0; s < partitions.size(); ++s) {
    for (const ValueId v : partitions[s].kept) maker[v] = s;
    for (const ValueId v : partitions[s].copies_in) {
      hold(v, partitions[s].first);
      lives[partitions[s].device][v].include(partitions[s].first);
    }
  }
  const auto end = static_cast<std::uint32_t>(graph.nodes.size());
  for (const auto& [_, v] : graph.outputs)
    if (maker.contains(graph.root_of(v))) hold(graph.root_of(v), end);

  MemoryPlan plan;
  for (const Lives& l : lives) plan.devices.push_back(assign(graph, l, bounds));
  plan.staging = assign(graph, staging, bounds);
  return plan;
}

}  // namespace tenon
