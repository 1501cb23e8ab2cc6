// Partitions and memory plans: what crosses, what is kept, and that no two living values overlap.
#include "framework/placement/memory_plan.hpp"

#include <gmock/gmock.h>

#include <random>

#include "framework/placement/abi_graph.hpp"
#include "tests/unit/graph/maker.hpp"

namespace tenon {
namespace {

using namespace graph_test;
using testing::ElementsAre;
using testing::IsEmpty;

Placement on(std::vector<std::uint32_t> devices) {
  Placement p;
  for (const std::uint32_t d : devices) p.nodes.push_back({d, nullptr, ""});
  return p;
}
const Extents k_bounds = make_extents(4, 2, 1, 64);

// Targets with or without host memory.
std::vector<ArenaRules> rules(const std::vector<bool>& host, std::uint64_t alignment = 64,
                              std::uint64_t max_block = UINT64_MAX) {
  std::vector<ArenaRules> all;
  for (const bool h : host) all.push_back({h, alignment, max_block});
  return all;
}

// x = embed (0), y = 2x (1), z = y+x (0), out = z*x (1)
struct Zigzag {
  Maker m;
  ValueId x = m.rows(8), y = m.op(TN_OP_SCALE, {x}, 0, &k_scale), z = m.op(TN_OP_ADD, {y, x}),
          out = m.op(TN_OP_MUL, {z, x});
  Graph graph = m.finish(out);
};

TEST(Partitions, OneDeviceIsOneSegment) {
  const Zigzag t;
  const auto partitions = make_partitions(t.graph, on({0, 0, 0, 0}));
  ASSERT_EQ(partitions.size(), 1u);
  EXPECT_EQ(partitions[0].first, 0u);
  EXPECT_EQ(partitions[0].last, 4u);
  EXPECT_THAT(partitions[0].copies_in, IsEmpty());
  EXPECT_THAT(partitions[0].kept, ElementsAre(t.out));
}

TEST(Partitions, ValuesAreCopiedToADeviceOnce) {
  const Zigzag t;
  const auto s = make_partitions(t.graph, on({0, 1, 0, 1}));
  ASSERT_EQ(s.size(), 4u);
  EXPECT_THAT(s[0].kept, ElementsAre(t.x));
  EXPECT_THAT(s[1].copies_in, ElementsAre(t.x));
  EXPECT_THAT(s[1].kept, ElementsAre(t.y));
  EXPECT_THAT(s[2].copies_in, ElementsAre(t.y)) << "x is there since the first partition";
  EXPECT_THAT(s[2].kept, ElementsAre(t.z));
  EXPECT_THAT(s[3].copies_in, ElementsAre(t.z)) << "x came with the second partition";
  EXPECT_THAT(s[3].kept, ElementsAre(t.out));
}

TEST(Partitions, ViewsCountAsTheirRootsAndStatesDoNotCross) {
  Maker m;
  m.cache(0, {2, 4, 4});
  const ValueId x = m.rows(8), heads = m.view(x, {-1, 2, 4});
  const Graph g = m.finish(m.attend(0, heads, heads, heads));
  const auto s = make_partitions(g, on({0, 1, 1}));
  ASSERT_EQ(s.size(), 2u);
  EXPECT_THAT(s[0].kept, ElementsAre(x));
  EXPECT_THAT(s[1].copies_in, ElementsAre(x));
  EXPECT_THAT(s[1].kept, ElementsAre(g.outputs.at("logits")));
  EXPECT_EQ(inputs_of(g, on({0, 1, 1}), 0).size(), 1u);
  EXPECT_EQ(inputs_of(g, on({0, 1, 1}), 1).size(), 4u);
}

TEST(MemoryPlan, MemoryIsReusedAndAligned) {
  Maker m;
  ValueId x = m.rows(1000);
  for (int i = 0; i < 20; ++i) x = m.op(TN_OP_SCALE, {x}, 0, &k_scale);
  const Graph g = m.finish(x);
  const Placement p = on(std::vector<std::uint32_t>(21, 0));
  const MemoryPlan plan = plan_memory(g, p, make_partitions(g, p), rules({true}), k_bounds);
  const std::uint64_t one = (4 * 1000 * 4 + 63) / 64 * 64;
  EXPECT_LE(plan.devices[0].bytes(), 2 * one + 64);
  EXPECT_EQ(plan.staging.bytes(), 0u);
  for (const auto& [_, place] : plan.devices[0].places) EXPECT_EQ(place.offset % 64, 0u);
}

TEST(MemoryPlan, OnlyWhatLeavesADeviceWithoutHostMemoryIsStaged) {
  const Zigzag t;
  const Placement p = on({0, 1, 0, 1});
  const auto partitions = make_partitions(t.graph, p);
  const auto staged = [&](bool first, bool second) {
    const auto plan = plan_memory(t.graph, p, partitions, rules({first, second}), k_bounds);
    std::vector<ValueId> values;
    for (const auto& [v, _] : plan.staging.places) values.push_back(v);
    return values;
  };
  EXPECT_THAT(staged(true, true), IsEmpty());
  EXPECT_THAT(staged(true, false), ElementsAre(t.y, t.out));
  EXPECT_THAT(staged(false, true), ElementsAre(t.x, t.z));
  EXPECT_THAT(staged(false, false), ElementsAre(t.x, t.y, t.z, t.out));
}

// What is kept for a later partition of the same device does not go through the host.
TEST(MemoryPlan, KeptForItselfIsNotStaged) {
  Maker m;
  const ValueId x = m.rows(8), y = m.op(TN_OP_SCALE, {x}, 0, &k_scale);
  const ValueId other = m.op(TN_OP_SCALE, {m.rows(8, "u")}, 0, &k_scale);
  const Graph g = m.finish(m.op(TN_OP_ADD, {y, other}));
  ASSERT_EQ(ops_of(g.nodes), "embed_rows scale embed_rows scale add");
  const Placement p = on({0, 0, 1, 1, 0});
  const auto partitions = make_partitions(g, p);
  EXPECT_THAT(partitions[0].kept, ElementsAre(y));
  const auto plan = plan_memory(g, p, partitions, rules({false, true}), k_bounds);
  EXPECT_FALSE(plan.staging.places.contains(y));
}

// Values that fill blocks of 256 bytes: as many blocks as values live at once, and no more.
TEST(MemoryPlan, AnArenaIsSplitIntoBlocks) {
  Maker m;
  ValueId x = m.rows(16);
  for (int i = 0; i < 20; ++i) x = m.op(TN_OP_SCALE, {x}, 0, &k_scale);
  const Graph g = m.finish(x);
  const Placement p = on(std::vector<std::uint32_t>(21, 0));
  const auto limits = rules({true}, 256, 256);
  const MemoryPlan plan = plan_memory(g, p, make_partitions(g, p), limits, k_bounds);
  EXPECT_EQ(plan.devices[0].blocks, (std::vector<std::uint64_t>{256, 256}));
  EXPECT_EQ(plan.devices[0].bytes(), 512u);
}

struct Random {
  Graph graph;
  Placement placement;
};
Random random_case(std::uint32_t seed, std::uint32_t n_devices) {
  std::mt19937 random(seed);
  Maker m;
  std::vector<ValueId> values = {m.rows(static_cast<std::int64_t>(8 * (1 + random() % 4)))};
  const std::int64_t width = m.shape(values[0]).dim[1];
  for (int i = 0; i < 25; ++i) {
    const auto any = [&] {
      return values[values.size() - 1 - random() % std::min<std::size_t>(values.size(), 6)];
    };
    if (random() % 4 == 0)
      values.push_back(
          m.view(m.op(TN_OP_SCALE, {m.view(any(), {-1, 2, width / 2})}, 0, &k_scale), {-1, width}));
    else
      values.push_back(m.op(random() % 2 == 0 ? TN_OP_ADD : TN_OP_MUL, {any(), any()}));
  }
  m.b.output("embedding", values[1 + random() % (values.size() - 1)]);
  Random r{m.finish(values.back()), {}};
  std::uint32_t device = 0;
  for (std::size_t n = 0; n < r.graph.nodes.size(); ++n) {
    if (random() % 3 == 0) device = static_cast<std::uint32_t>(random() % n_devices);
    r.placement.nodes.push_back({device, nullptr, ""});
  }
  return r;
}

// Independent model of a run: who must be intact where, at which node.
class Replay {
 public:
  Replay(const Random& r, const std::vector<bool>& host, const MemoryPlan& plan)
      : r_(r), host_(host), plan_(plan), held_(host.size() + 1) {}

  // Every read of a value at its device must find the bytes that were written last for it.
  bool ok() {
    const auto partitions = make_partitions(r_.graph, r_.placement);
    std::map<ValueId, std::size_t> source;
    std::vector<bool> started(host_.size(), false);
    for (const Partition& s : partitions) {
      if (!started[s.device])
        for (const ValueId v : inputs_of(r_.graph, r_.placement, s.device)) write(s.device, v);
      started[s.device] = true;
      for (const ValueId v : s.copies_in) {
        if (!intact(source.at(v), v)) return false;
        write(s.device, v);
      }
      for (std::uint32_t n = s.first; n < s.last; ++n)
        if (!run(r_.graph.nodes[n], s.device)) return false;
      for (const ValueId v : s.kept) {
        if (!intact(s.device, v)) return false;
        const bool staged = plan_.staging.places.contains(v);
        if (staged) write(host_.size(), v);
        source[v] = host_[s.device] ? s.device : host_.size();
      }
    }
    for (const auto& [_, v] : r_.graph.outputs)
      if (!intact(source.at(r_.graph.root_of(v)), r_.graph.root_of(v))) return false;
    return true;
  }

 private:
  const Arena& arena(std::size_t place) const {
    return place < host_.size() ? plan_.devices[place] : plan_.staging;
  }
  void write(std::size_t place, ValueId v) {
    const auto [block, from] = arena(place).places.at(v);
    const std::uint64_t to = from + byte_size(r_.graph.values[v], k_bounds);
    EXPECT_LE(to, arena(place).blocks.at(block));
    auto& held = held_[place];
    for (auto it = held.begin(); it != held.end();) {
      const auto [other, a] = arena(place).places.at(*it);
      const std::uint64_t b = a + byte_size(r_.graph.values[*it], k_bounds);
      it = other == block && a < to && from < b ? held.erase(it) : std::next(it);
    }
    held.insert(v);
  }
  bool intact(std::size_t place, ValueId v) const { return held_[place].contains(v); }
  // Operands are intact while the result is written: nothing runs in place.
  bool run(const Node& node, std::uint32_t device) {
    for (const ValueId v : node.out) write(device, r_.graph.root_of(v));
    for (const ValueId v : node.in)
      if (const ValueId root = r_.graph.root_of(v);
          is_planned(r_.graph, root) && !intact(device, root))
        return false;
    return true;
  }

  const Random& r_;
  const std::vector<bool>& host_;
  const MemoryPlan& plan_;
  std::vector<std::set<ValueId>> held_;
};

TEST(MemoryPlan, NothingThatIsNeededIsOverwritten) {
  const std::vector<std::vector<bool>> machines = {
      {true}, {false}, {true, true}, {true, false}, {false, false}, {true, false, true}};
  for (const auto& host : machines)
    for (std::uint32_t seed = 0; seed < 200; ++seed) {
      SCOPED_TRACE(std::to_string(host.size()) + " devices, seed " + std::to_string(seed));
      const Random r = random_case(seed, static_cast<std::uint32_t>(host.size()));
      const auto partitions = make_partitions(r.graph, r.placement);
      const MemoryPlan plan = plan_memory(r.graph, r.placement, partitions, rules(host), k_bounds);
      ASSERT_TRUE(Replay(r, host, plan).ok());
      const auto small = rules(host, 256, 1536);
      const MemoryPlan split = plan_memory(r.graph, r.placement, partitions, small, k_bounds);
      ASSERT_TRUE(Replay(r, host, split).ok());
      for (const Arena& arena : split.devices) {
        for (const std::uint64_t bytes : arena.blocks) EXPECT_LE(bytes, 1536u);
        for (const auto& [_, place] : arena.places) EXPECT_EQ(place.offset % 256, 0u);
      }
    }
}

// The check above must be able to fail.
TEST(MemoryPlan, TheReplayNoticesAnOverlap) {
  const Random r = random_case(1, 1);
  const std::vector<bool> host = {true};
  MemoryPlan plan = plan_memory(r.graph, r.placement, make_partitions(r.graph, r.placement),
                                rules(host), k_bounds);
  for (auto& [_, place] : plan.devices[0].places) place.offset = 0;
  EXPECT_FALSE(Replay(r, host, plan).ok());
}

}  // namespace
}  // namespace tenon
