// Views: reshapes and slices, their strides, offsets and bounds.
#include "framework/graph/view.hpp"

#include <gmock/gmock.h>

#include <limits>

#include "tests/unit/graph/maker.hpp"

namespace tenon {
namespace {

using namespace graph_test;
using testing::HasSubstr;

constexpr std::int64_t k_huge = std::numeric_limits<std::int64_t>::max();

const Value& value(const Maker& m, ValueId v) { return m.b.graph().values.at(v); }

TEST(View, ReshapeKeepsRowsAndBytes) {
  Maker m;
  const ValueId x = m.rows(24), heads = m.view(x, {-1, 4, 6}), back = m.view(heads, {-1, 24});
  EXPECT_EQ(m.shape(heads), make_shape({0, 4, 6}, TN_SYM_ROWS));
  EXPECT_EQ(value(m, heads).stride[0], 24 * 4);
  EXPECT_EQ(value(m, heads).stride[1], 6 * 4);
  EXPECT_EQ(value(m, back).root, x) << "views of views name the bytes' owner";
  EXPECT_TRUE(is_dense(value(m, back)));
}

TEST(View, ColumnsOfFusedRows) {  // phi3: q, k, v side by side
  Maker m;
  const ValueId x = m.rows(24), v = m.slice(x, {-1, 2, 4}, {24, 4, 1}, 16);
  ASSERT_NE(v, k_no_value);
  EXPECT_EQ(value(m, v).offset, 64u);
  EXPECT_EQ(value(m, v).stride[0], 96);
  EXPECT_EQ(value(m, v).root, x);
  EXPECT_FALSE(is_dense(value(m, v)));
}

TEST(View, RowsOfWeights) {
  Maker m;
  const ValueId w = m.weight("w", {8, 6}), rows = m.slice(w, {3, 6}, {6, 1}, 12);
  EXPECT_EQ(value(m, rows).offset, 48u);
  EXPECT_TRUE(is_dense(value(m, rows)));
  EXPECT_NE(m.matmul(rows, m.rows(6)), k_no_value);
}

TEST(View, WholeQuantisedRows) {
  Maker m;
  const ValueId w = m.weight("w", {8, 64}, "q4_0"), rows = m.slice(w, {3, 64}, {64, 1}, 2 * 64);
  ASSERT_NE(rows, k_no_value);
  EXPECT_EQ(value(m, rows).offset, 2u * 2 * 18);
  EXPECT_EQ(value(m, rows).stride[0], 2 * 18);
  EXPECT_NE(m.matmul(rows, m.rows(64)), k_no_value);
}

struct Bad {
  std::vector<std::int64_t> dim, stride;  // no stride: a reshape
  std::int64_t offset;
  const char* why;
};
void expect_refused(const std::vector<Bad>& cases, ValueId (*source)(Maker&)) {
  for (std::size_t i = 0; i < cases.size(); ++i) {
    Maker m;
    const ValueId src = source(m);
    const Bad& c = cases[i];
    EXPECT_EQ(m.b.view(src, c.dim, c.stride.empty() ? nullptr : c.stride.data(), c.offset),
              k_no_value)
        << i;
    EXPECT_THAT(m.error(), HasSubstr(c.why)) << i;
  }
}

TEST(View, RefusesShapesThatDoNotFitRows) {
  expect_refused({{{}, {}, 0, "rank"},
                  {{-1, 1, 1, 1, 1, 1, 24}, {}, 0, "rank"},
                  {{-1, 25}, {}, 0, "changes the number"},
                  {{-1, 24}, {}, 4, "changes the number"},
                  {{24}, {}, 0, "symbolic extent must be kept"},
                  {{-2, 24}, {}, 0, "out of range"},
                  {{-1, -1}, {}, 0, "out of range"},
                  {{-1, 0}, {}, 0, "out of range"},
                  {{-1, k_huge}, {}, 0, "out of range"},
                  {{-1, 1 << 30, 1 << 30}, {}, 0, "too many"},
                  {{-1, 1 << 30, 1 << 30, 1 << 30}, {24, 0, 0, 1}, 0, "too many"},
                  {{-1, 25}, {24, 1}, 0, "leaves its source"},
                  {{-1, 12}, {24, 1}, 13, "leaves its source"},
                  {{-1, 12}, {24, 1}, -1, "leaves its source"},
                  {{-1, 12}, {24, 1}, k_huge, "leaves its source"},
                  {{-1, 2, 4}, {24, k_huge, 1}, 0, "leaves its source"},
                  {{-1, 2, 4}, {24, -4, 1}, 8, "leaves its source"},
                  {{-1, 12}, {12, 1}, 0, "keep their distance"},
                  {{-1, 12}, {24, 2}, 0, "contiguous"}},
                 [](Maker& m) { return m.rows(24); });
}

TEST(View, RefusesPartsOfQuantisedRows) {
  expect_refused({{{512}, {}, 0, "quantised rows"},
                  {{8, 32}, {64, 1}, 0, "quantised rows"},
                  {{8, 32}, {64, 1}, 32, "quantised rows"},
                  {{2, 64}, {33, 1}, 0, "quantised rows"},
                  {{2, 64}, {64, 1}, 32, "quantised rows"},
                  {{2, 48}, {64, 1}, 0, "quantised rows"},
                  {{64}, {1}, 0, "quantised rows"},
                  {{9, 64}, {64, 1}, 0, "leaves its source"},
                  {{-1, 64}, {64, 1}, 0, "needs a symbolic"}},
                 [](Maker& m) {
                   return m.weight("w", {8, 64}, "q4_0");
                 });
}

TEST(View, RefusesCachesAndSlicesOfSlices) {
  expect_refused({{{2, 16}, {}, 0, "no views"}}, [](Maker& m) {
    return m.cache(0, {2, 4, 4}), m.b.state(0);
  });
  expect_refused({{{-1, 3, 4}, {}, 0, "only dense"}, {{-1, 4}, {24, 1}, 0, "leaves its source"}},
                 [](Maker& m) {
                   return m.slice(m.rows(24), {-1, 12}, {24, 1}, 0);
                 });
}

}  // namespace
}  // namespace tenon
