// The tail of a graph: what it adds, and that nothing of it is left.
#include "framework/graph/tail.hpp"

#include <gmock/gmock.h>

#include "tests/unit/graph/maker.hpp"

namespace tenon {
namespace {

using namespace graph_test;
using testing::ElementsAre;
using testing::Key;
using testing::UnorderedElementsAre;

Graph with_logits(std::int64_t n_vocab) {
  Maker m;
  const ValueId x = m.op(TN_OP_ROW_GATHER, {m.rows(8), m.b.input("out_ids")});
  return m.finish(m.matmul(m.weight("w", {n_vocab, 8}), x));
}

TEST(Tail, GivesATokenAndCandidates) {
  for (const std::int64_t n_vocab : {100, 256, 1000}) {
    Graph g = with_logits(n_vocab);
    const std::size_t body = g.nodes.size();
    EXPECT_EQ(tail_of(g), body) << "none";
    add_tail(g);
    EXPECT_EQ(tail_of(g), body);
    EXPECT_EQ(ops_of(g.nodes), "embed_rows row_gather matmul argmax top_k");
    EXPECT_THAT(g.outputs, UnorderedElementsAre(Key("logits"), Key("token"), Key("top_ids"),
                                                Key("top_logits")));
    const auto shape = [&](const char* role) { return g.values[g.outputs.at(role)].shape; };
    const auto rows = [](std::int64_t n) { return make_shape({0, n}, TN_SYM_OUT_ROWS); };
    EXPECT_EQ(shape("token"), make_shape({0}, TN_SYM_OUT_ROWS));
    EXPECT_EQ(shape("top_ids"), rows(std::min<std::int64_t>(n_vocab, 256) + 256));
    EXPECT_EQ(shape("top_logits"), shape("top_ids"));
    EXPECT_EQ(g.values[g.inputs.at("listed")].shape, rows(256));
  }
}

// The rules of the ops say the same as what was put down here.
TEST(Tail, HasTheShapesThatItsOpsInfer) {
  Graph g = with_logits(1000);
  add_tail(g);
  for (std::size_t n = tail_of(g); n < g.nodes.size(); ++n) {
    const Node& node = g.nodes[n];
    std::vector<const Value*> in;
    for (const ValueId v : node.in) in.push_back(&g.values[v]);
    const auto made = node.op->infer({*node.op, in, node.params.data(), node.features});
    ASSERT_TRUE(made) << made.error().message();
    ASSERT_EQ(made->size(), node.out.size());
    for (std::size_t i = 0; i < node.out.size(); ++i) {
      const Value& value = g.values[node.out[i]];
      EXPECT_EQ((*made)[i].shape, value.shape);
      EXPECT_EQ((*made)[i].dtype == nullptr ? "f32" : (*made)[i].dtype->name, value.dtype->name);
      EXPECT_TRUE(is_dense(value));
    }
  }
}

TEST(Tail, NodesGoWithTheirOutputs) {
  Graph g = with_logits(1000);
  add_tail(g);
  drop_tail_node(g, g.nodes.size() - 1);
  EXPECT_THAT(g.outputs, UnorderedElementsAre(Key("logits"), Key("token")));
  drop_tail_node(g, g.nodes.size() - 1);
  EXPECT_THAT(g.outputs, ElementsAre(Key("logits")));
  EXPECT_EQ(ops_of(g.nodes), "embed_rows row_gather matmul");
}

}  // namespace
}  // namespace tenon
