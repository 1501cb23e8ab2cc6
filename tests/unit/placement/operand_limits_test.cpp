// Rows of a step against what one operand of a device may take.
#include "framework/placement/operand_limits.hpp"

#include <gmock/gmock.h>

#include "tests/unit/graph/fake_device.hpp"
#include "tests/unit/graph/maker.hpp"

namespace tenon {
namespace {

using namespace graph_test;
using testing::HasSubstr;

// x (T,8), its rows of out_ids (O,8), and wide rows of logits (O, n_vocab).
struct Head {
  Maker m;
  Graph graph;
  explicit Head(std::int64_t n_vocab) {
    const ValueId picked = m.op(TN_OP_ROW_GATHER, {m.rows(8), m.b.input("out_ids")});
    graph = m.finish(m.matmul(m.weight("head", {n_vocab, 8}), picked));
  }
};

TEST(OperandLimits, BoundRowsAndRowsOfLogitsEachByTheirOwnValues) {
  const Head head(100);
  const auto none = bound_rows(head.graph, UINT64_MAX, {512, 512});
  EXPECT_EQ(none.rows, 512);
  EXPECT_EQ(none.out_rows, 512);
  const auto some = bound_rows(head.graph, 4000, {512, 512});
  EXPECT_EQ(some.rows, 4000 / 32);
  EXPECT_EQ(some.out_rows, 10);
  const auto few = bound_rows(head.graph, 4000, {3, 2});
  EXPECT_EQ(few.rows, 3);
  EXPECT_EQ(few.out_rows, 2);
}

// The logits of a vocabulary of 262,144: one row is 1 MiB.
TEST(OperandLimits, OneRowThatJustFitsIsARow) {
  const Head head(262144);
  EXPECT_EQ(bound_rows(head.graph, 1 << 20, {512, 8}).out_rows, 1);
}

// A row that never fits bounds nothing: another device must take it.
TEST(OperandLimits, ARowThatNeverFitsDoesNotCount) {
  const Head head(262145);
  const auto bounds = bound_rows(head.graph, 1 << 20, {512, 8});
  EXPECT_EQ(bounds.out_rows, 8);
  EXPECT_EQ(bounds.rows, 512);
}

TEST(OperandLimits, WhatDoesNotFitIsNamed) {
  HostTable host;
  FakeDevice device(host, "small", "", false);
  device.max_alloc = 1024;
  const Head head(100);
  Placement placement;
  placement.nodes.assign(head.graph.nodes.size(), {0, nullptr, ""});
  const auto partitions = make_partitions(head.graph, placement);
  const auto check = [&](std::int64_t rows, std::int64_t out_rows) {
    const Extents bounds = make_extents(rows, out_rows, 1, 64);
    const Target target = device.target();
    const MemoryPlan plan =
        plan_memory(head.graph, placement, partitions, {{false, 64, device.max_alloc}}, bounds);
    return check_operands(head.graph, {&target, 1}, plan, bounds);
  };
  EXPECT_TRUE(check(32, 2));
  const Status wide = check(32, 3);
  ASSERT_FALSE(wide);
  EXPECT_EQ(wide.error().code(), ErrorCode::unavailable);
  EXPECT_THAT(wide.error().message(), HasSubstr("small: the result of matmul takes 1200 bytes"));
  EXPECT_THAT(wide.error().message(), HasSubstr("at most 1024"));
  EXPECT_FALSE(check(33, 1));
  device.max_range = 512;
  EXPECT_FALSE(check(32, 1)) << "a range may be smaller than a buffer";
}

}  // namespace
}  // namespace tenon
