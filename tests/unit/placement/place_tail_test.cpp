// The tail is where the logits are, or nowhere.
#include "framework/placement/place_tail.hpp"

#include <gmock/gmock.h>

#include "framework/placement/partition.hpp"
#include "tests/unit/graph/fake_device.hpp"
#include "tests/unit/graph/maker.hpp"

namespace tenon {
namespace {

using namespace graph_test;
using testing::Contains;
using testing::Key;
using testing::Not;

class PlaceTail : public testing::Test {
 protected:
  // A device that runs all but these ops.
  void device(const char* id, std::vector<std::string> without) {
    FakeDevice& d = devices.emplace_back(host, id, "", true);
    d.refuse = [this, without](const tn_node_query& q) -> const char* {
      const std::string op = host.get()->id_name(host.get()->ctx, q.node->op);
      return std::ranges::count(without, op) > 0 ? "has no such thing" : nullptr;
    };
  }
  Placement run(std::vector<std::uint32_t> wanted) {
    Maker m;
    const ValueId x = m.op(TN_OP_SCALE, {m.rows(8)}, 0, &k_scale);
    graph = m.finish(m.op(TN_OP_ADD, {x, x}));
    for (FakeDevice& d : devices) targets.push_back(d.target());
    auto placed = place_with_tail(graph, targets, {}, host, make_extents(8, 8, 1, 64),
                                  std::move(wanted), nullptr);
    EXPECT_TRUE(placed) << placed.error().message();
    EXPECT_EQ(placed->nodes.size(), graph.nodes.size());
    return std::move(*placed);
  }

  HostTable host;
  std::deque<FakeDevice> devices;
  std::vector<Target> targets;
  Graph graph;
};

TEST_F(PlaceTail, IsWhereTheLogitsAre) {
  device("one", {});
  device("two", {});
  const Placement p = run({0, 0, 1});
  ASSERT_EQ(ops_of(graph.nodes), "embed_rows scale add argmax top_k");
  EXPECT_EQ(p.nodes[2].device, 1u);
  EXPECT_EQ(p.nodes[3].device, 1u);
  EXPECT_EQ(p.nodes[4].device, 1u);
  EXPECT_EQ(p.nodes[3].number, 2u) << "no rule names it";
  EXPECT_EQ(p.nodes[4].number, 2u);
  const auto partitions = make_partitions(graph, p);
  ASSERT_EQ(partitions.size(), 4u);
  EXPECT_EQ(partitions[1].only_for, std::nullopt);
  EXPECT_EQ(partitions[2].only_for, Results::tokens);
  EXPECT_EQ(partitions[3].only_for, Results::candidates);
  for (const Partition& part : partitions) EXPECT_EQ(part.copies_in.empty(), part.first != 2);
}

TEST_F(PlaceTail, WhatTheDeviceDoesNotRunIsLeftOut) {
  device("one", {TN_OP_TOP_K});
  device("two", {});
  run({0, 0, 0});
  EXPECT_EQ(ops_of(graph.nodes), "embed_rows scale add argmax");
  EXPECT_THAT(graph.outputs, Contains(Key("token")));
  EXPECT_THAT(graph.outputs, Not(Contains(Key("top_ids"))));
}

TEST_F(PlaceTail, WhereNobodyRunsItThereIsNone) {
  device("one", {TN_OP_TOP_K, TN_OP_ARGMAX});
  run({0, 0, 0});
  EXPECT_EQ(ops_of(graph.nodes), "embed_rows scale add");
  EXPECT_THAT(graph.outputs, Not(Contains(Key("token"))));
}

}  // namespace
}  // namespace tenon
