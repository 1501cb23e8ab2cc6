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
