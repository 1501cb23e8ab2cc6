// Fusion: composites are found where nothing hidden is needed elsewhere, and taken apart again.
#include "framework/graph/fuse.hpp"

#include <algorithm>
#include <ctime>
#include <random>

#include "tests/unit/graph/maker.hpp"

namespace tenon {
namespace {

using namespace graph_test;

std::string fused(Graph graph) {
  fuse(graph);
  EXPECT_TRUE(in_order(graph));
  return ops_of(graph.nodes);
}

TEST(Fuse, RmsNormMul) {
  Maker m;
  const ValueId x = m.rows(8), w = m.weight("w", {8});
  Graph g = m.finish(m.norm(x, w));
  fuse(g);
  ASSERT_EQ(ops_of(g.nodes), "embed_rows rms_norm_mul");
  const Node& node = g.nodes[1];
  EXPECT_EQ(node.in, (std::vector<ValueId>{x, w}));
  EXPECT_EQ(node.out[0], g.outputs.at("logits"));
  ASSERT_EQ(node.params.size(), sizeof(tn_norm_params));
  EXPECT_EQ(reinterpret_cast<const tn_norm_params*>(node.params.data())->eps, k_norm.eps);
}

TEST(Fuse, GatedActivations) {
  for (const auto& [op, want] : {std::pair{TN_OP_SILU, "embed_rows embed_rows swiglu"},
                                 std::pair{TN_OP_GELU_TANH, "embed_rows embed_rows geglu"},
                                 std::pair{TN_OP_GELU_ERF, "embed_rows embed_rows gelu_erf mul"}}) {
    Maker m;
    const ValueId gate = m.rows(8), up = m.rows(8, "u");
    EXPECT_EQ(fused(m.finish(m.op(TN_OP_MUL, {m.op(op, {gate}), up}))), want);
  }
}

TEST(Fuse, AddRmsNormIsPreferredAndKeepsTheSum) {
  Maker m;
  const ValueId a = m.rows(8), b = m.rows(8, "u"), sum = m.op(TN_OP_ADD, {a, b});
  const ValueId normed = m.norm(sum, m.weight("w", {8}));
  Graph g = m.finish(m.op(TN_OP_ADD, {sum, normed}));
  fuse(g);
  ASSERT_EQ(ops_of(g.nodes), "embed_rows embed_rows add_rms_norm add");
  EXPECT_EQ(g.nodes[2].out, (std::vector<ValueId>{sum, normed}));
}

// Another step of the same decomposition must not be swallowed.
TEST(Fuse, BroadcastAddIsNoPartOfAddRmsNorm) {
  Maker m;
  const ValueId sum = m.op(TN_OP_ADD, {m.rows(8), m.weight("b", {8})}, TN_ELEMENTWISE_BROADCAST);
  EXPECT_EQ(fused(m.finish(m.norm(sum, m.weight("w", {8})))), "embed_rows add rms_norm_mul");
}

TEST(Fuse, HiddenValuesWithAnotherReaderStay) {
  Maker m;
  const ValueId normed = m.op(TN_OP_RMS_NORM, {m.rows(8)}, 0, &k_norm);
  const ValueId scaled = m.op(TN_OP_MUL, {normed, m.weight("w", {8})}, TN_ELEMENTWISE_BROADCAST);
  EXPECT_EQ(fused(m.finish(m.op(TN_OP_ADD, {scaled, normed}))), "embed_rows rms_norm mul add");
}

TEST(Fuse, HiddenValuesThatAreOutputsStay) {
  Maker m;
  const ValueId normed = m.op(TN_OP_RMS_NORM, {m.rows(8)}, 0, &k_norm);
  m.b.output("embedding", normed);
  EXPECT_EQ(
      fused(m.finish(m.op(TN_OP_MUL, {normed, m.weight("w", {8})}, TN_ELEMENTWISE_BROADCAST))),
      "embed_rows rms_norm mul");
}

TEST(Fuse, HiddenValuesThatAreViewedStay) {
  Maker m;
  const ValueId normed = m.op(TN_OP_RMS_NORM, {m.rows(8)}, 0, &k_norm);
  const ValueId view = m.view(normed, {-1, 2, 4});
  const ValueId scaled = m.op(TN_OP_MUL, {normed, m.weight("w", {8})}, TN_ELEMENTWISE_BROADCAST);
  const ValueId other = m.view(m.op(TN_OP_SILU, {view}), {-1, 8});
  EXPECT_EQ(fused(m.finish(m.op(TN_OP_ADD, {scaled, other}))), "embed_rows rms_norm mul silu add");
}

// A result of the composite that is an output or viewed does not matter.
TEST(Fuse, ResultsMayBeViewedAndPutOut) {
  Maker m;
  const ValueId normed = m.norm(m.rows(8), m.weight("w", {8}));
  m.b.output("embedding", normed);
  EXPECT_EQ(fused(m.finish(m.op(TN_OP_SILU, {m.view(normed, {-1, 2, 4})}))),
            "embed_rows rms_norm_mul silu");
}

TEST(Fuse, DifferentLayersAreNotJoined) {
  Maker m;
  m.b.scope("blk.0", 0);
  const ValueId normed = m.op(TN_OP_RMS_NORM, {m.rows(8)}, 0, &k_norm);
  m.b.scope("blk.1", 1);
  EXPECT_EQ(
      fused(m.finish(m.op(TN_OP_MUL, {normed, m.weight("w", {8})}, TN_ELEMENTWISE_BROADCAST))),
      "embed_rows rms_norm mul");
}

// silu(gate) * up: which of the two a compiler evaluates first is its own choice.
TEST(Fuse, TheOtherFactorMayComeBetweenTheSteps) {
  Maker m;
  const ValueId gate = m.op(TN_OP_SILU, {m.rows(8)}), up = m.rows(8, "u");
  EXPECT_EQ(fused(m.finish(m.op(TN_OP_MUL, {gate, up}))), "embed_rows embed_rows swiglu");

  Maker norm;
  const ValueId normed = norm.op(TN_OP_RMS_NORM, {norm.rows(8)}, 0, &k_norm);
  const ValueId late = norm.op(TN_OP_SCALE, {norm.weight("w", {8})}, 0, &k_scale);
  EXPECT_EQ(fused(norm.finish(norm.op(TN_OP_MUL, {normed, late}, TN_ELEMENTWISE_BROADCAST))),
            "embed_rows scale rms_norm_mul");
}

// The weight of the norm is computed from the sum, which is a result: the sum cannot move below.
TEST(Fuse, WhatReadsAResultStaysBehindIt) {
  Maker m;
  const ValueId sum = m.op(TN_OP_ADD, {m.rows(8), m.rows(8, "u")});
  const ValueId normed = m.op(TN_OP_RMS_NORM, {sum}, 0, &k_norm);
  const ValueId late = m.op(TN_OP_SILU, {sum});
  EXPECT_EQ(fused(m.finish(m.op(TN_OP_ADD, {m.op(TN_OP_MUL, {normed, late}), sum}))),
            "embed_rows embed_rows add rms_norm silu mul add");
}

TEST(Fuse, NothingMovesFar) {
  Maker m;
  const ValueId gate = m.op(TN_OP_SILU, {m.rows(8)});
  ValueId up = m.rows(8, "u");
  for (int i = 0; i < 64; ++i) up = m.op(TN_OP_SCALE, {up}, 0, &k_scale);
  Graph graph = m.finish(m.op(TN_OP_MUL, {gate, up}));
  fuse(graph);
  EXPECT_EQ(graph.nodes.back().op->name, TN_OP_MUL);
}

TEST(Fuse, QkvProjWithBiasesAndViewsBetween) {
  Maker m;
  m.cache(0, {2, 4, 4});
  m.b.scope("blk.0", 0);
  const ValueId x = m.rows(8);
  std::vector<ValueId> heads;
  for (const auto& [name, n] : {std::pair{"q", 16}, std::pair{"k", 8}, std::pair{"v", 8}}) {
    const ValueId y = m.matmul(m.weight(name, {n, 8}), x);
    const ValueId biased =
        m.op(TN_OP_ADD, {y, m.weight(std::string(name) + "b", {n})}, TN_ELEMENTWISE_BROADCAST);
    heads.push_back(m.view(biased, {-1, n / 4, 4}));
  }
  Graph g = m.finish(m.attend(0, heads[0], heads[1], heads[2]));
  fuse(g);
  EXPECT_TRUE(in_order(g));
  ASSERT_EQ(ops_of(g.nodes), "embed_rows qkv_proj add add add kv_write attention");
  EXPECT_EQ(g.nodes[1].in,
            (std::vector<ValueId>{m.b.weight("q"), m.b.weight("k"), m.b.weight("v"), x}));
  EXPECT_EQ(g.nodes[1].name, "blk.0.qkv_proj");
  EXPECT_EQ(g.nodes[1].layer, 0u);
}

TEST(Fuse, TwoProjectionsOrDifferentInputsAreNoQkv) {
  Maker two;
  const ValueId x = two.rows(8);
  const ValueId gate = two.matmul(two.weight("g", {4, 8}), x);
  const ValueId up = two.matmul(two.weight("u", {4, 8}), x);
  EXPECT_EQ(fused(two.finish(two.op(TN_OP_ADD, {gate, up}))), "embed_rows matmul matmul add");

  Maker chain;
  ValueId y = chain.rows(8);
  for (const char* name : {"a", "b", "c"}) y = chain.matmul(chain.weight(name, {8, 8}), y);
  EXPECT_EQ(fused(chain.finish(y)), "embed_rows matmul matmul matmul");
}

// Matching takes time in proportion to the graph: a quadratic search takes more than ten seconds.
TEST(Fuse, LongGraphsAreFusedInTime) {
  Maker m;
  ValueId x = m.rows(8);
  constexpr int k_layers = 60'000;
  for (int i = 0; i < k_layers; ++i) x = m.op(TN_OP_MUL, {m.op(TN_OP_SILU, {x}), x});
  Graph graph = m.finish(x);
  const std::clock_t start = std::clock();
  fuse(graph);
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  EXPECT_EQ(graph.nodes.size(), std::size_t{1} + k_layers);
  EXPECT_LT(seconds, 3.0);
}

// decompose(fuse(g)) is g, for every composite.
TEST(Fuse, DecomposeIsItsReverse) {
  for (const OpInfo& op : all_ops()) {
    if (!op.composite()) continue;
    SCOPED_TRACE(op.name);
    Maker m;
    std::vector<ValueId> in;
    for (std::size_t i = 0; i < op.max_in(); ++i) {
      const std::string name = "w" + std::to_string(i);
      const bool row = op.name.find("norm") != std::string_view::npos && i + 1 == op.max_in();
      if (op.operands[i] == 'w')
        in.push_back(m.weight(name, {8, 8}));
      else
        in.push_back(row ? m.weight(name, {8}) : m.rows(8, "table" + std::to_string(i)));
    }
    const auto out =
        m.op_n(std::string(op.name).c_str(), in, op.n_out, op.params_size > 0 ? &k_norm : nullptr);
    ASSERT_NE(out[0], k_no_value) << m.error();
    Graph g = m.finish(out.back());
    const Node whole = g.nodes.back();
    g.nodes.pop_back();
    const std::size_t before = g.nodes.size();
    const std::vector<Node> parts = decompose(g, whole);
    EXPECT_EQ(parts.size(), op.steps.size());
    g.nodes.insert(g.nodes.end(), parts.begin(), parts.end());
    EXPECT_TRUE(in_order(g));
    for (const Node& part : parts) {  // every part infers what the composite said
      std::vector<const Value*> operands;
      for (const ValueId v : part.in) operands.push_back(&g.values[v]);
      const auto made = part.op->infer({*part.op, operands, part.params.data(), part.features});
      ASSERT_TRUE(made) << made.error().message();
      EXPECT_EQ((*made)[0].shape, g.values[part.out[0]].shape);
    }
    fuse(g);
    ASSERT_EQ(g.nodes.size(), before + 1) << ops_of(g.nodes);
    EXPECT_EQ(g.nodes.back().op, &op);
    EXPECT_EQ(g.nodes.back().in, whole.in);
    EXPECT_EQ(g.nodes.back().out, whole.out);
    EXPECT_EQ(g.nodes.back().params, whole.params);
  }
}

// Random chains of the ops that composites are made of.
Graph random_graph(std::uint32_t seed) {
  std::mt19937 random(seed);
  Maker m;
  std::vector<ValueId> values = {m.rows(8)};
  const auto any = [&] { return values[random() % values.size()]; };
  const auto recent = [&] { return random() % 3 != 0 ? values.back() : any(); };
  const ValueId row = m.weight("row", {8}), w = m.weight("w", {8, 8});
  for (int i = 0; i < 24; ++i) {
    switch (random() % 6) {
      case 0:
        values.push_back(m.op(TN_OP_ADD, {recent(), any()}));
        break;
      case 1:
        values.push_back(m.op(TN_OP_RMS_NORM, {recent()}, 0, &k_norm));
        break;
      case 2:
        values.push_back(m.op(TN_OP_MUL, {recent(), row}, TN_ELEMENTWISE_BROADCAST));
        break;
      case 3:
        values.push_back(m.op(TN_OP_SILU, {recent()}));
        break;
      case 4:
        values.push_back(m.op(TN_OP_MUL, {recent(), any()}));
        break;
      default:
        values.push_back(m.matmul(w, recent()));
        break;
    }
  }
  return m.finish(values.back());
}

// A fused graph is in order, makes what the outputs and readers need,
// and decomposes to the same multiset of ops.
TEST(Fuse, RandomGraphsKeepTheirMeaning) {
  std::size_t composites = 0;
  for (std::uint32_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE(seed);
    Graph g = random_graph(seed);
    std::vector<std::string_view> before, after;
    for (const Node& n : g.nodes) before.push_back(n.op->name);
    fuse(g);
    ASSERT_TRUE(in_order(g));
    const std::vector<Node> nodes = g.nodes;
    for (const Node& n : nodes) {
      if (n.op->composite()) ++composites;
      if (!n.op->composite()) after.push_back(n.op->name);
      for (const Step& step : n.op->steps) after.push_back(step.op);
    }
    std::sort(before.begin(), before.end());
    std::sort(after.begin(), after.end());
    ASSERT_EQ(before, after);
  }
  EXPECT_GT(composites, 200u) << "the graphs are too poor to say anything";
}

}  // namespace
}  // namespace tenon
