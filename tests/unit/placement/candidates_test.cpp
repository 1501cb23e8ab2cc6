// Candidates: the filters, the order, and the reasons.
#include "framework/placement/candidates.hpp"

#include <gmock/gmock.h>

#include "tests/unit/graph/fake_device.hpp"
#include "tests/unit/graph/maker.hpp"

namespace tenon {
namespace {

using namespace graph_test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Candidates : public testing::Test {
 protected:
  // What could run the last node of `graph`.
  NodeSupport ask(const Graph& graph, const std::string& pack = "", const char* slot = "fake/1") {
    FakeDevice device(host, "fake", slot, true);
    device.refuse = refuse;
    device.features = features;
    if (own_ops) device.give_own_ops();
    const Extents bounds = make_extents(8, 8, 1, 64);
    QueryBuilder queries(graph, host, bounds);
    return find_support(graph, graph.nodes.back(), device.target(pack), kernels.sources(), queries);
  }
  static Graph matmul_graph(const char* dtype = "q4_0") {
    Maker m;
    return m.finish(m.matmul(m.weight("w", {8, 32}, dtype), m.rows(32)));
  }
  static std::vector<std::string> ids(const NodeSupport& support) {
    std::vector<std::string> ids;
    for (const RankedKernel& k : support.kernels) ids.push_back(name_of(k.desc));
    return ids;
  }
  void matmul(const char* id, std::int32_t score, const char* pack = "main") {
    kernels.add(
        {.id = id, .op = TN_OP_MATMUL, .in = {"q4_0", "f32"}, .score = score, .pack = pack});
  }

  HostTable host;
  FakeKernels kernels;
  std::string features;  // of the device
  bool own_ops = false;  // which it has beside its slot
  std::function<const char*(const tn_node_query&)> refuse;
};

TEST_F(Candidates, HighestScoreFirstAndLaterRegistrationOfEquals) {
  matmul("low", 0);
  matmul("first", 200);
  matmul("second", 200);
  matmul("below", -5);
  EXPECT_THAT(ids(ask(matmul_graph())), ElementsAre("second", "first", "low", "below"));
}

TEST_F(Candidates, OpSlotAndTypesMustFit) {
  kernels.add({.id = "types", .op = TN_OP_MATMUL, .in = {"q4_1", "f32"}});
  kernels.add({.id = "out", .op = TN_OP_MATMUL, .in = {"q4_0", "f32"}, .out = {"f16"}});
  kernels.add({.id = "short", .op = TN_OP_MATMUL, .in = {"q4_0"}});
  kernels.add({.id = "op", .op = TN_OP_ADD, .in = {"*", "*"}});
  kernels.add({.id = "slot", .op = TN_OP_MATMUL, .in = {"*", "*"}, .slot = "other/1"});
  const NodeSupport none = ask(matmul_graph());
  EXPECT_FALSE(none.supported);
  EXPECT_THAT(none.refusal, HasSubstr("short: other types"));
  kernels.add({.id = "any", .op = TN_OP_MATMUL, .in = {"*", "*", "f32"}, .out = {"*"}});
  const NodeSupport some = ask(matmul_graph());
  EXPECT_TRUE(some.supported);
  EXPECT_THAT(ids(some), ElementsAre("any"));
}

TEST_F(Candidates, FeatureBitsThatAKernelDoesNotKnowRuleItOut) {
  Maker m;
  const Graph g =
      m.finish(m.op(TN_OP_MUL, {m.rows(8), m.weight("w", {8})}, TN_ELEMENTWISE_BROADCAST));
  kernels.add({.id = "old", .op = TN_OP_MUL, .in = {"f32", "f32"}});
  EXPECT_THAT(ask(g).refusal, HasSubstr("old: unknown feature bits"));
  kernels.add({.id = "new", .op = TN_OP_MUL, .in = {"f32", "f32"}, .features = 3});
  EXPECT_THAT(ids(ask(g)), ElementsAre("new"));
}

TEST_F(Candidates, WhatAKernelNeedsTheDeviceMustHave) {
  kernels.add(
      {.id = "wide", .op = TN_OP_MATMUL, .in = {"*", "*"}, .needs = {"vk.coopmat", "vk.y"}});
  EXPECT_THAT(ask(matmul_graph()).refusal, HasSubstr("wide: needs vk.coopmat"));
  features = "vk.coopmat vk.x";
  EXPECT_THAT(ask(matmul_graph()).refusal, HasSubstr("wide: needs vk.y"));
  features = "vk.y vk.coopmat";
  EXPECT_THAT(ids(ask(matmul_graph())), ElementsAre("wide"));
}

// What this host does not know it must be able to do no device can promise.
TEST_F(Candidates, WhatAKernelNeedsOfTheHostNoDeviceHas) {
  features = "host.moves";
  kernels.add({.id = "moving", .op = TN_OP_MATMUL, .in = {"*", "*"}, .needs = {"host.moves"}});
  EXPECT_THAT(ask(matmul_graph()).refusal, HasSubstr("moving: needs host.moves"));
}

TEST_F(Candidates, WhatTheMachineHasWasAskedWhenThePackWasLoaded) {
  kernels.add({.id = "fast", .op = TN_OP_MATMUL, .in = {"*", "*"}, .needs = {"cpu.avx2"}});
  EXPECT_THAT(ids(ask(matmul_graph())), ElementsAre("fast"));
}

TEST_F(Candidates, EverySlotOfTheDeviceIsLookedAt) {
  kernels.add({.id = "old", .op = TN_OP_MATMUL, .in = {"*", "*"}, .score = 1, .slot = "fake/1"});
  kernels.add({.id = "new", .op = TN_OP_MATMUL, .in = {"*", "*"}, .score = 2, .slot = "fake/2"});
  kernels.add({.id = "else", .op = TN_OP_MATMUL, .in = {"*", "*"}, .score = 3, .slot = "fake/3"});
  EXPECT_THAT(ids(ask(matmul_graph(), "", "fake/2 fake/1")), ElementsAre("new", "old"));
  EXPECT_THAT(ids(ask(matmul_graph(), "", "fake/1")), ElementsAre("old"));
}

TEST_F(Candidates, TheDeviceDecidesAboutShapesAndSaysWhy) {
  matmul("a", 100);
  matmul("b", 200);
  refuse = [](const tn_node_query& q) {
    EXPECT_EQ(q.n_in, 2u);
    EXPECT_EQ(q.n_out, 1u);
    EXPECT_EQ(q.t[0]->dim[1], 32);
    EXPECT_EQ(q.t[1]->dim[0], 8) << "the bound of the rows";
    return std::string(q.node->bound->id) == "b" ? "odd shape" : nullptr;
  };
  EXPECT_THAT(ids(ask(matmul_graph())), ElementsAre("a"));
  refuse = [](const tn_node_query&) { return "odd shape"; };
  EXPECT_THAT(ask(matmul_graph()).refusal, HasSubstr("b: odd shape"));
  refuse = [](const tn_node_query&) { return ""; };
  EXPECT_THAT(ask(matmul_graph()).refusal, HasSubstr("b: declined"));
}

TEST_F(Candidates, PinnedFirstDeniedNever) {
  matmul("low", 0);
  matmul("high", 300);
  matmul("denied", 400);
  kernels.add_rule("matmul[q4_0]@fake=low");
  kernels.add_rule("matmul=!denied");
  const NodeSupport support = ask(matmul_graph());
  ASSERT_THAT(ids(support), ElementsAre("low", "high"));
  EXPECT_TRUE(support.kernels[0].pinned);
  EXPECT_FALSE(support.kernels[1].pinned);
}

TEST_F(Candidates, RulesForAnotherDeviceOrTypeDoNotApply) {
  matmul("low", 0);
  matmul("high", 300);
  kernels.add_rule("matmul@gpu=low");
  kernels.add_rule("matmul[q8_0]=!high");
  EXPECT_THAT(ids(ask(matmul_graph())), ElementsAre("high", "low"));
}

TEST_F(Candidates, OnlyDeniedKernelsAreNamed) {
  matmul("one", 0);
  kernels.add_rule("matmul=!one");
  EXPECT_THAT(ask(matmul_graph()).refusal, HasSubstr("one is denied"));
}

// --backend cpu/avx2: that pack, then lower ones; a pin crosses the fence.
TEST_F(Candidates, APackAndWhatIsBelowIt) {
  matmul("reference", 0, "reference");
  matmul("avx2", 200, "avx2");
  matmul("avx512", 300, "avx512");
  EXPECT_THAT(ids(ask(matmul_graph(), "avx2")), ElementsAre("avx2", "reference"));
  EXPECT_THAT(ids(ask(matmul_graph(), "reference")), ElementsAre("reference"));
  EXPECT_THAT(ids(ask(matmul_graph(), "absent")), IsEmpty());
  kernels.add_rule("matmul=avx512");
  EXPECT_THAT(ids(ask(matmul_graph(), "reference")), ElementsAre("avx512", "reference"));
}

TEST_F(Candidates, DevicesWithoutASlotAnswerForThemselves) {
  EXPECT_TRUE(ask(matmul_graph(), "", "").supported);
  refuse = [](const tn_node_query& q) {
    EXPECT_EQ(q.node->bound, nullptr);
    return "too wide";
  };
  EXPECT_EQ(ask(matmul_graph(), "", "").refusal, "too wide");
  Maker m;
  const NodeSupport gelu = ask(m.finish(m.op(TN_OP_GELU_ERF, {m.rows(8)})), "", "");
  EXPECT_FALSE(gelu.supported);
  EXPECT_THAT(gelu.refusal, HasSubstr("does not offer tn.gelu_erf/1"));
}

TEST_F(Candidates, AnOwnOpRanksAmongTheKernelsOfASlot) {
  own_ops = true;
  matmul("below", 99);
  matmul("same", 100);
  matmul("above", 101);
  EXPECT_THAT(ids(ask(matmul_graph())), ElementsAre("above", "same", "the device's own", "below"));
  kernels.add_rule("matmul=below");
  EXPECT_EQ(ids(ask(matmul_graph())).front(), "below");
}

// One kernel of a pack does not load: the device's own op is there all the same.
TEST_F(Candidates, WhatIsRefusedIsToldBesideWhatRuns) {
  own_ops = true;
  matmul("broken", 300);
  kernels.add({.id = "wide", .op = TN_OP_MATMUL, .in = {"*", "*"}, .needs = {"vk.coopmat"}});
  refuse = [](const tn_node_query& q) { return q.node->bound != nullptr ? "no SPIR-V" : nullptr; };
  const NodeSupport support = ask(matmul_graph());
  EXPECT_TRUE(support.supported);
  EXPECT_THAT(ids(support), ElementsAre("the device's own"));
  EXPECT_THAT(support.refused, ElementsAre("broken: no SPIR-V", "wide: needs vk.coopmat"));
}

TEST_F(Candidates, LayoutsOfAKernel) {
  const auto* plain = kernels.add({.id = "p", .op = TN_OP_MATMUL, .in = {"*", "*"}});
  const auto* packed =
      kernels.add({.id = "k", .op = TN_OP_MATMUL, .in = {"*", "*"}, .layouts = {"x/1", "y/1"}});
  EXPECT_TRUE(accepts_layout(*plain, "plain"));
  EXPECT_FALSE(accepts_layout(*plain, "x/1"));
  EXPECT_FALSE(accepts_layout(*packed, "plain"));
  EXPECT_TRUE(accepts_layout(*packed, "y/1"));
}

}  // namespace
}  // namespace tenon
