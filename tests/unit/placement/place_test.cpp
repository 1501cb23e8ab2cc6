// Placement and binding: devices, kernels, layouts and arithmetics of whole graphs.
#include "framework/placement/place.hpp"

#include <gmock/gmock.h>

#include "tests/unit/graph/fake_device.hpp"
#include "tests/unit/graph/maker.hpp"

namespace tenon {
namespace {

using namespace graph_test;
using testing::HasSubstr;

constexpr std::array k_small_ops = {TN_OP_ADD,  TN_OP_MUL,      TN_OP_RMS_NORM, TN_OP_SILU,
                                    TN_OP_CAST, TN_OP_KV_WRITE, TN_OP_ATTENTION};

class Place : public testing::Test {
 protected:
  Place() {
    for (const char* op : k_small_ops) add_any(op, "*");
    add_any(TN_OP_EMBED_ROWS, "embed");
  }
  void add_any(const char* op, const char* id) {
    kernels.add({.id = id,
                 .op = op,
                 .in = {"*", "*", "*", "*", "*", "*"},
                 .out = {"*"},
                 .score = 0,
                 .features = ~std::uint64_t{0}});
  }
  void matmul(const char* id, std::int32_t score, std::vector<const char*> layouts,
              const char* arithmetic, const char* op = TN_OP_MATMUL) {
    const bool qkv = std::string(op) == TN_OP_QKV_PROJ;
    kernels.add(
        {.id = id,
         .op = op,
         .in = qkv ? std::vector<const char*>{"*", "*", "*", "*"}
                   : std::vector<const char*>{"*", "*"},
         .out = qkv ? std::vector<const char*>{"*", "*", "*"} : std::vector<const char*>{"*"},
         .score = score,
         .layouts = std::move(layouts),
         .arithmetic = arithmetic});
  }
  Result<Placement> run(Graph& graph) {
    std::vector<Target> targets;
    if (devices.empty()) devices.emplace_back(host, "fake", "fake/1", true);
    for (FakeDevice& d : devices) targets.push_back(d.target());
    return place(graph, targets, kernels.sources(), host, make_extents(8, 8, 1, 64), wanted,
                 &cancel);
  }
  static std::string kernel_of(const Placement& p, std::size_t node) {
    return p.nodes.at(node).kernel != nullptr ? p.nodes[node].kernel->id : "";
  }
  static std::string layout_of(const Placement& p, ValueId weight, std::uint32_t device = 0) {
    return p.weights.at({device, weight}).id;
  }
  // A device without a slot that runs these ops only.
  FakeDevice& gpu(std::vector<std::string> ops, const char* id = "gpu") {
    FakeDevice& d = devices.emplace_back(host, id, "", true);
    d.refuse = [this, ops](const tn_node_query& q) -> const char* {
      const std::string op = host.get()->id_name(host.get()->ctx, q.node->op);
      return std::find(ops.begin(), ops.end(), op) != ops.end() ? nullptr : "has no such thing";
    };
    return d;
  }

  HostTable host;
  FakeKernels kernels;
  std::deque<FakeDevice> devices;
  std::vector<std::uint32_t> wanted;  // per node
  std::uint32_t cancel = 0;
};

TEST_F(Place, EndsWhenItIsCancelled) {
  FakeDevice& d = devices.emplace_back(host, "fake", "fake/1", true);
  int asked = 0;
  d.refuse = [&](const tn_node_query&) -> const char* {
    cancel = ++asked >= 3;
    return nullptr;
  };
  Maker m;
  ValueId x = m.rows(8);
  for (int i = 0; i < 100; ++i) x = m.op(TN_OP_SILU, {x});
  Graph g = m.finish(x);
  const auto p = run(g);
  ASSERT_FALSE(p);
  EXPECT_EQ(p.error().code(), ErrorCode::cancelled);
  EXPECT_EQ(asked, 3);
}

TEST_F(Place, BindsTheBestKernelAndItsLayout) {
  kernels.add_layout("x4/1", "q4_0");
  matmul("plain", 100, {}, "a");
  matmul("packed", 200, {"x4/1"}, "a");
  Maker m;
  const ValueId w = m.weight("w", {8, 32}, "q4_0");
  Graph g = m.finish(m.matmul(w, m.rows(32)));
  const auto p = run(g);
  ASSERT_TRUE(p) << p.error().message();
  EXPECT_EQ(kernel_of(*p, 1), "packed");
  EXPECT_EQ(layout_of(*p, w), "x4/1");
  EXPECT_THAT(p->nodes[1].reason, HasSubstr("score 200, over plain 100"));
}

TEST_F(Place, AWeightThatALayoutDeclinesTakesAnother) {
  kernels.add_layout("x4/1", "q4_0");
  matmul("plain", 100, {}, "a");
  matmul("packed", 200, {"x4/1"}, "a");
  Maker m;
  const ValueId w = m.weight("w", {6, 32}, "q4_0");  // not in fours
  Graph g = m.finish(m.matmul(w, m.rows(32)));
  const auto p = run(g);
  ASSERT_TRUE(p) << p.error().message();
  EXPECT_EQ(kernel_of(*p, 1), "plain");
  EXPECT_EQ(layout_of(*p, w), "plain");
}

TEST_F(Place, ALayoutThatNobodyPacksOrThatIsForAnotherTypeIsNotChosen) {
  kernels.add_layout("x4/1", "q4_1");
  kernels.add_layout("x4/1", "q4_0", "other/1");
  matmul("plain", 100, {}, "a");
  matmul("packed", 200, {"x4/1"}, "a");
  matmul("both", 150, {"x4/1", "plain"}, "a");
  Maker m;
  const ValueId w = m.weight("w", {8, 32}, "q4_0");
  Graph g = m.finish(m.matmul(w, m.rows(32)));
  const auto p = run(g);
  ASSERT_TRUE(p) << p.error().message();
  EXPECT_EQ(kernel_of(*p, 1), "both");
  EXPECT_EQ(layout_of(*p, w), "plain");
}

TEST_F(Place, ATiedEmbeddingTakesALayoutThatBothReadersAccept) {
  kernels.add_layout("x4/1", "q4_0");
  kernels.add_layout("y4/1", "q4_0");
  kernels.add({.id = "embed_y",
               .op = TN_OP_EMBED_ROWS,
               .in = {"*", "*"},
               .score = 50,
               .layouts = {"y4/1"}});
  matmul("plain", 10, {}, "a");
  matmul("x", 500, {"x4/1"}, "a");
  matmul("xy", 300, {"x4/1", "y4/1"}, "a");
  Maker m;
  const ValueId w = m.weight("w", {16, 32}, "q4_0");
  const ValueId x = m.op(TN_OP_EMBED_ROWS, {w, m.b.input("tokens")});
  Graph g = m.finish(m.matmul(w, x));
  const auto p = run(g);
  ASSERT_TRUE(p) << p.error().message();
  EXPECT_EQ(kernel_of(*p, 0), "embed_y");
  EXPECT_EQ(kernel_of(*p, 1), "xy");
  EXPECT_EQ(layout_of(*p, w), "y4/1");
  EXPECT_THAT(p->nodes[1].reason, HasSubstr("one layout and arithmetic per weight"));
}

TEST_F(Place, WithoutACommonLayoutTheWeightStaysPlain) {
  kernels.add_layout("x4/1", "q4_0");
  matmul("plain", 10, {}, "a");
  matmul("x", 500, {"x4/1"}, "a");
  Maker m;
  const ValueId w = m.weight("w", {16, 32}, "q4_0");
  Graph g = m.finish(m.matmul(w, m.op(TN_OP_EMBED_ROWS, {w, m.b.input("tokens")})));
  const auto p = run(g);
  ASSERT_TRUE(p) << p.error().message();
  EXPECT_EQ(kernel_of(*p, 1), "plain");
  EXPECT_EQ(layout_of(*p, w), "plain");
}

// wq meets wk and wv in qkv_proj, and is used alone as well: all of it in one arithmetic.
TEST_F(Place, OneArithmeticForAllUsesOfAWeight) {
  matmul("mm_int8", 300, {}, "int8");
  matmul("mm_f32", 100, {}, "f32");
  matmul("qkv_f32", 250, {}, "f32", TN_OP_QKV_PROJ);
  Maker m;
  const ValueId x = m.rows(32), q = m.weight("q", {32, 32}, "q4_0");
  const auto qkv =
      m.op_n(TN_OP_QKV_PROJ, {q, m.weight("k", {8, 32}), m.weight("v", {8, 32}), x}, 3);
  const ValueId again = m.matmul(q, qkv[0]);
  Graph g = m.finish(m.matmul(m.weight("alone", {8, 32}), again));
  const auto p = run(g);
  ASSERT_TRUE(p) << p.error().message();
  EXPECT_EQ(kernel_of(*p, 1), "qkv_f32");
  EXPECT_EQ(kernel_of(*p, 2), "mm_f32") << "the same weight as in qkv_proj";
  EXPECT_EQ(kernel_of(*p, 3), "mm_int8") << "another weight";
}

TEST_F(Place, NoCommonArithmeticIsAnErrorThatNamesTheNode) {
  matmul("mm_int8", 300, {}, "int8");
  matmul("qkv_f32", 250, {}, "f32", TN_OP_QKV_PROJ);
  Maker m;
  const ValueId x = m.rows(32), q = m.weight("q", {32, 32});
  m.b.scope("blk.0", 0);
  const auto qkv =
      m.op_n(TN_OP_QKV_PROJ, {q, m.weight("k", {8, 32}), m.weight("v", {8, 32}), x}, 3);
  Graph g = m.finish(m.matmul(q, qkv[0]));
  const auto p = run(g);
  ASSERT_FALSE(p);
  EXPECT_EQ(p.error().code(), ErrorCode::unavailable);
  EXPECT_THAT(p.error().message(), HasSubstr("blk.0.qkv_proj: no layout and arithmetic"));
}

// However large a score is; and scores may be negative.
TEST_F(Place, APinBeatsEveryScore) {
  matmul("boastful", 2'000'000'000, {}, "a");
  matmul("modest", -7, {}, "b");
  kernels.add_rule("matmul=modest");
  Maker m;
  Graph g = m.finish(m.matmul(m.weight("w", {8, 32}), m.rows(32)));
  const auto p = run(g);
  ASSERT_TRUE(p) << p.error().message();
  EXPECT_EQ(kernel_of(*p, 1), "modest");
  EXPECT_THAT(p->nodes[1].reason, HasSubstr("pinned by a kernel rule"));
}

TEST_F(Place, AKernelOfNegativeScoreIsBetterThanNone) {
  matmul("modest", -7, {}, "b");
  Maker m;
  Graph g = m.finish(m.matmul(m.weight("w", {8, 32}), m.rows(32)));
  const auto p = run(g);
  ASSERT_TRUE(p) << p.error().message();
  EXPECT_EQ(kernel_of(*p, 1), "modest");
}

TEST_F(Place, ViewedWeightsStayPlain) {
  kernels.add_layout("x4/1", "q4_0");
  matmul("plain", 100, {}, "a");
  matmul("packed", 200, {"x4/1"}, "a");
  Maker m;
  const ValueId w = m.weight("w", {8, 32}, "q4_0"), x = m.rows(32);
  const ValueId part = m.matmul(m.slice(w, {8, 32}, {32, 1}, 0), x);
  Graph g = m.finish(m.op(TN_OP_ADD, {part, m.matmul(w, x)}));
  const auto p = run(g);
  ASSERT_TRUE(p) << p.error().message();
  EXPECT_EQ(kernel_of(*p, 1), "plain");
  EXPECT_EQ(kernel_of(*p, 2), "plain");
  EXPECT_EQ(layout_of(*p, w), "plain");
}

// A packed weight that another node reads as plain values would be garbage there.
TEST_F(Place, WeightsThatAreReadAsValuesStayPlain) {
  kernels.add_layout("x/1", "f32");
  matmul("plain", 100, {}, "a");
  matmul("packed", 200, {"x/1"}, "a");
  Maker m;
  const ValueId w = m.weight("w", {32, 32});
  const ValueId y = m.matmul(w, m.rows(32));
  const ValueId sum = m.op(TN_OP_ADD, {w, w});
  m.b.output("embedding", sum);
  Graph g = m.finish(y);
  const auto p = run(g);
  ASSERT_TRUE(p) << p.error().message();
  EXPECT_EQ(kernel_of(*p, 1), "plain");
  EXPECT_EQ(layout_of(*p, w), "plain");
}

TEST_F(Place, ADeclinedCompositeIsTakenApart) {
  Maker m;
  Graph g = m.finish(m.op(TN_OP_SWIGLU, {m.rows(8), m.rows(8, "u")}));
  const ValueId out = g.outputs.at("logits");
  const auto p = run(g);
  ASSERT_TRUE(p) << p.error().message();
  EXPECT_EQ(ops_of(g.nodes), "embed_rows embed_rows silu mul");
  EXPECT_EQ(p->nodes.size(), 4u);
  EXPECT_EQ(g.nodes[3].out[0], out);
  EXPECT_TRUE(in_order(g));
  EXPECT_THAT(p->nodes[3].reason, HasSubstr("part of a declined composite"));
}

TEST_F(Place, ACompositeThatHomeCannotEvenPartlyRunMovesWhole) {
  gpu({TN_OP_EMBED_ROWS});
  gpu({TN_OP_SWIGLU, TN_OP_EMBED_ROWS}, "second");
  Maker m;
  Graph g = m.finish(m.op(TN_OP_SWIGLU, {m.rows(8), m.rows(8, "u")}));
  const auto p = run(g);
  ASSERT_TRUE(p) << p.error().message();
  EXPECT_EQ(ops_of(g.nodes), "embed_rows embed_rows swiglu");
  EXPECT_EQ(p->nodes[0].device, 0u);
  EXPECT_EQ(p->nodes[2].device, 1u);
  EXPECT_THAT(p->nodes[2].reason, HasSubstr("gpu: tn.swiglu/1: has no such thing"));
}

TEST_F(Place, WhatNobodyRunsIsUnavailableWithEveryReason) {
  gpu({TN_OP_EMBED_ROWS});
  gpu({}, "second");
  Maker m;
  const ValueId x = m.rows(8);
  m.b.scope("blk.7", 7);
  Graph g = m.finish(m.op(TN_OP_SCALE, {x}, 0, &k_scale));
  const auto p = run(g);
  ASSERT_FALSE(p);
  EXPECT_EQ(p.error().code(), ErrorCode::unavailable);
  EXPECT_EQ(p.error().message(),
            "blk.7.scale: no device runs tn.scale/1 (gpu: tn.scale/1: has no such thing; "
            "second: tn.scale/1: has no such thing)");
}

Graph attention_graph(Maker& m, std::uint32_t layers) {
  ValueId x = m.rows(8);
  for (std::uint32_t l = 0; l < layers; ++l) {
    m.cache(l, {2, 4, 4});
    m.b.scope("blk." + std::to_string(l), static_cast<std::int32_t>(l));
    const ValueId heads = m.view(x, {-1, 2, 4});
    x = m.view(m.attend(l, heads, heads, heads), {-1, 8});
  }
  return m.finish(m.op(TN_OP_SILU, {x}));
}

TEST_F(Place, AllOfACacheIsOnOneDevice) {
  gpu({TN_OP_EMBED_ROWS, TN_OP_KV_WRITE, TN_OP_SILU}, "writes");
  gpu({TN_OP_ATTENTION}, "reads");
  gpu({TN_OP_KV_WRITE, TN_OP_ATTENTION}, "both");
  Maker m;
  Graph g = attention_graph(m, 2);
  const auto p = run(g);
  ASSERT_TRUE(p) << p.error().message();
  ASSERT_EQ(ops_of(g.nodes), "embed_rows kv_write attention kv_write attention silu");
  for (std::size_t n = 1; n < 5; ++n) EXPECT_EQ(p->nodes[n].device, 2u) << n;
  EXPECT_EQ(p->nodes[5].device, 0u);
  EXPECT_THAT(p->nodes[1].reason, HasSubstr("writes: tn.attention/1"));
}

TEST_F(Place, NodesGoWhereTheyAreWantedAndTheirReasonSaysNothingOfIt) {
  gpu({TN_OP_EMBED_ROWS, TN_OP_SILU}, "first");
  gpu({TN_OP_SILU}, "second");
  Maker m;
  Graph g = m.finish(m.op(TN_OP_SILU, {m.op(TN_OP_SILU, {m.rows(8)})}));
  wanted = {0, 1, 0};
  const auto p = run(g);
  ASSERT_TRUE(p) << p.error().message();
  for (std::uint32_t n = 0; n < 3; ++n) {
    EXPECT_EQ(p->nodes[n].device, wanted[n]);
    EXPECT_EQ(p->nodes[n].number, n);
    EXPECT_EQ(p->nodes[n].reason, "the device's own");
  }
}

// A primitive that a device declines belongs to what the host can address, not to the next device.
TEST_F(Place, WhatADeviceDeclinesGoesToHostMemoryFirst) {
  for (const char* id : {"first", "second"})
    devices.emplace_back(host, id, "", false).refuse =
        [this](const tn_node_query& q) -> const char* {
      const std::string op = host.get()->id_name(host.get()->ctx, q.node->op);
      return op == TN_OP_MUL ? "no products" : nullptr;
    };
  gpu({TN_OP_MUL, TN_OP_SILU}, "host");
  Maker m;
  const ValueId x = m.rows(8);
  Graph g = m.finish(m.op(TN_OP_MUL, {m.op(TN_OP_SILU, {x}), x}));
  wanted = {0, 1, 1};
  const auto p = run(g);
  ASSERT_TRUE(p) << p.error().message();
  EXPECT_EQ(p->nodes[1].device, 1u);
  EXPECT_EQ(p->nodes[2].device, 2u);
  EXPECT_THAT(p->nodes[2].reason, HasSubstr("second: tn.mul/1: no products"));
}

TEST_F(Place, PartsOfACompositeHaveItsNumberAndItsDevice) {
  gpu({TN_OP_EMBED_ROWS}, "first");
  gpu({TN_OP_MUL, TN_OP_SILU}, "second");
  Maker m;
  Graph g = m.finish(m.op(TN_OP_SWIGLU, {m.rows(8), m.rows(8, "u")}));
  wanted = {0, 0, 1};
  const auto p = run(g);
  ASSERT_TRUE(p) << p.error().message();
  ASSERT_EQ(ops_of(g.nodes), "embed_rows embed_rows silu mul");
  for (const std::size_t n : {2u, 3u}) {
    EXPECT_EQ(p->nodes[n].device, 1u);
    EXPECT_EQ(p->nodes[n].number, 2u);
  }
}

// The nodes of a cache are not torn apart, wherever each of them is wanted.
TEST_F(Place, ACacheIsWhereItsFirstNodeIsWanted) {
  gpu({TN_OP_EMBED_ROWS, TN_OP_KV_WRITE, TN_OP_ATTENTION, TN_OP_SILU}, "first");
  gpu({TN_OP_KV_WRITE, TN_OP_ATTENTION}, "second");
  Maker m;
  Graph g = attention_graph(m, 2);
  wanted = {0, 1, 0, 0, 1, 0};
  const auto p = run(g);
  ASSERT_TRUE(p) << p.error().message();
  ASSERT_EQ(ops_of(g.nodes), "embed_rows kv_write attention kv_write attention silu");
  for (const auto& [node, device] : {std::pair(1, 1u), {2, 1u}, {3, 0u}, {4, 0u}})
    EXPECT_EQ(p->nodes[static_cast<std::size_t>(node)].device, device) << node;
}

// A device without a slot is asked for its layouts; all readers of a weight must take the one.
TEST_F(Place, ADeviceWithoutASlotGetsTheLayoutThatItAsksFor) {
  FakeDevice& own = gpu({TN_OP_EMBED_ROWS, TN_OP_MATMUL, TN_OP_MUL});
  own.layouts = {{TN_OP_MATMUL, "own.x/1 own.y/1 plain"}, {TN_OP_EMBED_ROWS, "own.y/1 plain"}};
  Maker m;
  const ValueId tied = m.weight("tied", {16, 32}), w = m.weight("w", {32, 32});
  const ValueId both = m.weight("both", {32, 32});
  const ValueId x = m.matmul(w, m.op(TN_OP_EMBED_ROWS, {tied, m.b.input("tokens")}));
  m.b.output("embedding", m.op(TN_OP_MUL, {both, both}));
  Graph g = m.finish(m.matmul(tied, m.matmul(both, x)));
  const auto p = run(g);
  ASSERT_TRUE(p) << p.error().message();
  EXPECT_EQ(layout_of(*p, w), "own.x/1");
  EXPECT_EQ(layout_of(*p, tied), "own.y/1");
  EXPECT_EQ(layout_of(*p, both), "plain") << "it is read as values too";
  EXPECT_EQ(p->weights.at({0, w}).packer, nullptr);
}

// The cache belongs to the layer that declared it, wherever its readers stand in the model.
// A pack replaces one kernel of a device that has ops of its own: its weights are stored as the
// device stores them, where the kernel takes that.
TEST_F(Place, APackReplacesOneKernelOfADeviceWithOpsOfItsOwn) {
  FakeDevice& own = devices.emplace_back(host, "gpu", "gpu/1", true);
  own.give_own_ops();
  own.layouts = {{TN_OP_MATMUL, "own.x/1"}};
  for (const char* layout : {"own.x/1", "nobody.packs/1"})
    kernels.add({.id = layout,
                 .op = TN_OP_MATMUL,
                 .in = {"*", "*"},
                 .score = 300,
                 .layouts = {layout},
                 .arithmetic = "f32.pack",
                 .slot = "gpu/1"});
  kernels.add({.id = "silu", .op = TN_OP_SILU, .in = {"*"}, .score = 200, .slot = "gpu/1"});
  Maker m;
  const ValueId w = m.weight("w", {32, 32}, "q4_0");
  Graph graph =
      m.finish(m.op(TN_OP_SILU, {m.op(TN_OP_ADD, {m.matmul(w, m.rows(32)), m.rows(32)})}));
  const auto p = run(graph);
  ASSERT_TRUE(p) << p.error().message();
  // Nodes 0 and 2 make rows.
  EXPECT_EQ(kernel_of(*p, 1), "own.x/1");
  EXPECT_EQ(layout_of(*p, w), "own.x/1");
  EXPECT_EQ(kernel_of(*p, 3), "") << "the device's own";
  EXPECT_EQ(kernel_of(*p, 4), "silu");
  EXPECT_THAT(p->nodes[4].reason, HasSubstr("score 200, over the device's own 100"));
}

TEST_F(Place, ACacheIsNamedByItsDeclarationNotByItsScope) {
  gpu({TN_OP_EMBED_ROWS, TN_OP_KV_WRITE, TN_OP_SILU}, "writes");
  gpu({TN_OP_KV_WRITE, TN_OP_ATTENTION}, "both");
  Maker m;
  m.cache(0, {2, 4, 4});
  const ValueId heads = m.view(m.rows(8), {-1, 2, 4});
  m.b.scope("write", 1);
  const ValueId kept = m.op(TN_OP_KV_WRITE, {heads, heads, m.b.input("slots"), m.b.state(0)});
  m.b.scope("read", 2);
  Graph g = m.finish(
      m.op(TN_OP_ATTENTION,
           {heads, kept, m.b.input("positions"), m.b.input("seq_ids"), m.b.input("block_table")}, 0,
           &k_attention));
  const auto p = run(g);
  ASSERT_TRUE(p) << p.error().message();
  EXPECT_EQ(p->nodes[1].device, 1u);
  EXPECT_EQ(p->nodes[2].device, 1u);
}

TEST_F(Place, NoDeviceForACacheIsUnavailableWithReasons) {
  gpu({TN_OP_EMBED_ROWS, TN_OP_KV_WRITE, TN_OP_SILU}, "writes");
  gpu({TN_OP_ATTENTION}, "reads");
  Maker m;
  Graph g = attention_graph(m, 1);
  const auto p = run(g);
  ASSERT_FALSE(p);
  EXPECT_EQ(p.error().code(), ErrorCode::unavailable);
  EXPECT_THAT(p.error().message(), HasSubstr("blk.0.kv_write: no device keeps the cache"));
  EXPECT_THAT(p.error().message(), HasSubstr("writes: tn.attention/1"));
  EXPECT_THAT(p.error().message(), HasSubstr("reads: tn.kv_write/1"));
}

}  // namespace
}  // namespace tenon
