// Offset assignment: the largest first, each at the lowest offset that no living neighbour holds.
#include "framework/placement/memory_plan.hpp"

#include <algorithm>
#include <numeric>

#include "framework/placement/abi_graph.hpp"

namespace tenon {
namespace {

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
using Block = std::vector<Placing>;  // by offset

bool overlap(const Life& a, const Life& b) { return a.from <= b.to && b.from <= a.to; }

// The lowest offset at which nothing of the same life lies.
std::uint64_t lowest_offset(const Block& block, const Placing& item) {
  std::uint64_t at = 0;
  for (const Placing& other : block)
    if (overlap(item.life, other.life) && at < other.offset + other.bytes &&
        other.offset < at + item.bytes)
      at = other.offset + other.bytes;
  return at;
}

std::vector<Placing> by_size(const Graph& graph, const Lives& lives, const Extents& bounds,
                             std::uint64_t alignment) {
  std::vector<Placing> items;
  for (const auto& [value, life] : lives) {
    const std::uint64_t bytes = byte_size(graph.values[value], bounds);
    items.push_back({value, life, (bytes + alignment - 1) / alignment * alignment});
  }
  std::sort(items.begin(), items.end(), [](const Placing& a, const Placing& b) {
    return a.bytes != b.bytes ? a.bytes > b.bytes : a.value < b.value;
  });
  return items;
}

Arena assign(const Graph& graph, const Lives& lives, const Extents& bounds,
             const ArenaRules& rules) {
  Arena arena;
  std::vector<Block> blocks;
  for (Placing& item : by_size(graph, lives, bounds, rules.alignment)) {
    std::uint32_t b = 0;
    for (; b < blocks.size(); ++b) {
      item.offset = lowest_offset(blocks[b], item);
      if (item.bytes <= rules.max_block && item.offset <= rules.max_block - item.bytes) break;
    }
    if (b == blocks.size()) {
      item.offset = 0;
      blocks.emplace_back();
      arena.blocks.push_back(0);
    }
    arena.places[item.value] = {b, item.offset};
    arena.blocks[b] = std::max(arena.blocks[b], item.offset + item.bytes);
    blocks[b].insert(
        std::upper_bound(blocks[b].begin(), blocks[b].end(), item,
                         [](const Placing& x, const Placing& y) { return x.offset < y.offset; }),
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

std::uint64_t Arena::bytes() const {
  return std::accumulate(blocks.begin(), blocks.end(), std::uint64_t{0});
}

MemoryPlan plan_memory(const Graph& graph, const Placement& placement,
                       const std::vector<Partition>& partitions,
                       const std::vector<ArenaRules>& rules, const Extents& bounds) {
  std::vector<Lives> lives(rules.size());
  Lives staging;
  include_nodes(graph, placement, lives);
  std::map<ValueId, std::uint32_t> maker;
  // What a device without host memory hands on is read to staging right after its partition; what a
  // host device hands on is read where it is, when the other partition starts.
  const auto hold = [&](ValueId v, std::uint32_t until) {
    const std::uint32_t from = maker.at(v);
    const bool host = rules[partitions[from].device].host_memory;
    Lives& source = host ? lives[partitions[from].device] : staging;
    if (!host) {
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
  for (std::size_t d = 0; d < lives.size(); ++d)
    plan.devices.push_back(assign(graph, lives[d], bounds, rules[d]));
  plan.staging = assign(graph, staging, bounds, {});
  return plan;
}

}  // namespace tenon
