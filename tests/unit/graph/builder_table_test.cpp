// The C face of the builder: hostile values and pointers end in errors, never in crashes.
#include <gmock/gmock.h>

#include "tests/unit/graph/maker.hpp"

namespace tenon {
namespace {

using namespace graph_test;
using testing::HasSubstr;

constexpr std::array<tn_val, 3> k_invalid = {0, 1000, 0xffffffffu};

TEST(BuilderTable, BuildsAGraph) {
  Maker m;
  const tn_builder& t = *m.b.table();
  m.weight("w", {16, 8});
  t.scope(t.ctx, "embedding", -1);
  const std::array<tn_val, 2> in = {t.weight(t.ctx, "w"), t.input(t.ctx, "tokens")};
  tn_val x = 0;
  ASSERT_EQ(t.op(t.ctx, TN_OP_EMBED_ROWS, 0, nullptr, in.data(), 2, &x, 1), TN_OK);
  std::int64_t dim[6] = {};
  std::uint32_t sym[6] = {}, rank = 0;
  ASSERT_EQ(t.shape(t.ctx, x, dim, sym, &rank), TN_OK);
  EXPECT_EQ(rank, 2u);
  EXPECT_EQ(dim[1], 8);
  EXPECT_EQ(sym[0], TN_SYM_ROWS);
  const std::array<std::int64_t, 3> heads = {-1, 2, 4};
  const tn_val y = t.view(t.ctx, x, 3, heads.data(), nullptr, 0);
  EXPECT_NE(y, 0u);
  EXPECT_EQ(t.output(t.ctx, "logits", y), TN_OK);
  EXPECT_EQ(t.weight(t.ctx, "absent"), 0u);
  EXPECT_EQ(m.error(), "");
}

TEST(BuilderTable, InvalidValuesAreErrors) {
  for (const tn_val bad : k_invalid) {
    std::int64_t dim[6];
    std::uint32_t sym[6], rank;
    const std::int64_t one = 1;
    tn_val out = 7;
    {
      Maker m;
      const tn_builder& t = *m.b.table();
      EXPECT_EQ(t.shape(t.ctx, bad, dim, sym, &rank), TN_ERR_INVALID);
      EXPECT_EQ(t.op(t.ctx, TN_OP_SILU, 0, nullptr, &bad, 1, &out, 1), TN_ERR_INVALID);
      EXPECT_EQ(out, 0u);
      EXPECT_THAT(m.error(), HasSubstr("operand 0 is missing"));
    }
    {
      Maker m;
      const tn_builder& t = *m.b.table();
      EXPECT_EQ(t.view(t.ctx, bad, 1, &one, nullptr, 0), 0u);
      EXPECT_THAT(m.error(), HasSubstr("missing value"));
    }
    {
      Maker m;
      const tn_builder& t = *m.b.table();
      EXPECT_EQ(t.output(t.ctx, "logits", bad), TN_ERR_INVALID);
      EXPECT_THAT(m.error(), HasSubstr("\"logits\" is missing"));
    }
  }
}

TEST(BuilderTable, AbsentPointersAndAbsurdCountsAreErrors) {
  Maker names;
  const tn_builder& t = *names.b.table();
  EXPECT_EQ(t.weight(t.ctx, nullptr), 0u);
  t.scope(t.ctx, nullptr, 0);
  EXPECT_EQ(t.input(t.ctx, nullptr), 0u);
  EXPECT_THAT(names.error(), HasSubstr("there is no input"));

  Maker view;
  EXPECT_EQ(view.b.table()->view(view.b.table()->ctx, view.rows(8) + 1, 2, nullptr, nullptr, 0),
            0u);
  EXPECT_THAT(view.error(), HasSubstr("rank"));

  Maker counts;
  const tn_builder& c = *counts.b.table();
  tn_val value = 1;
  EXPECT_EQ(c.op(c.ctx, TN_OP_SILU, 0, nullptr, &value, 0xffffffffu, &value, 1), TN_ERR_INVALID);
  EXPECT_THAT(counts.error(), HasSubstr("too many operands"));
}

TEST(BuilderTable, AbsentOperandsAndResultsAreErrors) {
  tn_val value = 1;
  Maker in;
  const tn_builder& a = *in.b.table();
  EXPECT_EQ(a.op(a.ctx, TN_OP_SILU, 0, nullptr, nullptr, 1, &value, 1), TN_ERR_INVALID);
  EXPECT_THAT(in.error(), HasSubstr("without its operands"));
  Maker out;
  const tn_builder& b = *out.b.table();
  EXPECT_EQ(b.op(b.ctx, TN_OP_SILU, 0, nullptr, &value, 1, nullptr, 1), TN_ERR_INVALID);
  EXPECT_THAT(out.error(), HasSubstr("without its operands"));
  Maker shape;
  const tn_val x = shape.rows(8) + 1;
  const tn_builder& c = *shape.b.table();
  std::int64_t dim[6];
  std::uint32_t sym[6], rank;
  EXPECT_EQ(c.shape(c.ctx, x, nullptr, sym, &rank), TN_ERR_INVALID);
  EXPECT_EQ(c.shape(c.ctx, x, dim, nullptr, &rank), TN_ERR_INVALID);
  EXPECT_EQ(c.shape(c.ctx, x, dim, sym, nullptr), TN_ERR_INVALID);
  Maker text;
  EXPECT_EQ(text.b.table()->fail(text.b.table()->ctx, nullptr), TN_ERR_INVALID);
  EXPECT_EQ(text.b.table()->output(text.b.table()->ctx, nullptr, 0), TN_ERR_INVALID);
}

// Architectures call from C: an exception of ours must not unwind through them.
TEST(BuilderTable, NoExceptionCrosses) {
  BuildSources sources;
  sources.weight = [](const std::string&) -> std::optional<WeightShape> { throw std::bad_alloc(); };
  sources.state = [](std::uint32_t) -> std::optional<Shape> { throw std::bad_alloc(); };
  GraphBuilder weights(sources), states(sources);
  const tn_builder &w = *weights.table(), &s = *states.table();
  EXPECT_EQ(w.weight(w.ctx, "w"), 0u);
  EXPECT_EQ(s.state(s.ctx, 0), 0u);
  for (GraphBuilder* b : {&weights, &states}) {
    const auto graph = b->finish();
    ASSERT_FALSE(graph);
    EXPECT_THAT(graph.error().message(), HasSubstr("memory"));
  }
}

TEST(BuilderTable, TheModelCanSayWhyItCannotBeBuilt) {
  Maker m;
  const tn_builder& t = *m.b.table();
  t.scope(t.ctx, "rope", -1);
  EXPECT_EQ(t.fail(t.ctx, "factors of 3 lengths"), TN_ERR_INVALID);
  EXPECT_EQ(t.input(t.ctx, "tokens"), 0u);
  EXPECT_EQ(m.error(), "rope: factors of 3 lengths");
}

}  // namespace
}  // namespace tenon
