// Kernels per shape bucket: another one for few rows, never another arithmetic or layout.
#include "framework/placement/bucket_kernels.hpp"

#include <gmock/gmock.h>

#include "tests/unit/graph/fake_device.hpp"
#include "tests/unit/graph/maker.hpp"

namespace tenon {
namespace {

using namespace graph_test;
using testing::HasSubstr;

constexpr std::int64_t k_many = 512;

class BucketKernels : public testing::Test {
 protected:
  BucketKernels() {
    kernels.add({.id = "embed", .op = TN_OP_EMBED_ROWS, .in = {"*", "*"}, .score = 0});
    kernels.add_layout("x4/1", "q4_0");
    kernels.add_layout("y4/1", "q4_0");
    device.refuse = [this](const tn_node_query& q) -> const char* {
      const std::int64_t rows = q.t[q.n_in]->dim[0];
      const auto limit = most_rows.find(q.node->bound->id);
      return limit != most_rows.end() && rows > limit->second ? "too many rows" : nullptr;
    };
  }
  void matmul(const char* id, std::int32_t score, const char* layout, const char* arithmetic,
              std::int64_t most = k_many) {
    kernels.add({.id = id,
                 .op = TN_OP_MATMUL,
                 .in = {"*", "*"},
                 .score = score,
                 .layouts = {layout},
                 .arithmetic = arithmetic});
    most_rows[id] = most;
  }
  // The kernel of the matmul, placed for many rows, in a bucket of `rows`.
  Result<std::string> kernel_for(std::int64_t rows) {
    Maker m;
    Graph g = m.finish(m.matmul(m.weight("w", {8, 32}, "q4_0"), m.rows(32)));
    const std::vector<Target> targets = {device.target()};
    const auto bounds = [](std::int64_t n) { return make_extents(n, n, 1, 64); };
    auto placed = place(g, targets, kernels.sources(), host, bounds(k_many));
    if (!placed) return fail(placed);
    auto chosen = bucket_kernels(g, *placed, targets, kernels.sources(), host, bounds(rows));
    if (!chosen) return fail(chosen);
    EXPECT_STREQ(chosen->at(0)->id, "embed");
    return std::string(chosen->at(1)->id);
  }

  HostTable host;
  FakeKernels kernels;
  FakeDevice device{host, "fake", "fake/1", true};
  std::map<std::string, std::int64_t> most_rows;
};

TEST_F(BucketKernels, OneRowHasAKernelOfItsOwn) {
  matmul("tile", 100, "x4/1", "a");
  matmul("row", 200, "x4/1", "a", 1);
  matmul("few", 150, "x4/1", "a", 8);
  EXPECT_EQ(kernel_for(1).value(), "row");
  EXPECT_EQ(kernel_for(8).value(), "few");
  EXPECT_EQ(kernel_for(64).value(), "tile");
}

TEST_F(BucketKernels, AnotherArithmeticOrLayoutIsNotTaken) {
  matmul("tile", 100, "x4/1", "a");
  matmul("row of b", 200, "x4/1", "b", 1);
  matmul("row of none", 300, "x4/1", nullptr, 1);
  matmul("row of y4", 400, "y4/1", "a", 1);
  EXPECT_EQ(kernel_for(1).value(), "tile");
}

TEST_F(BucketKernels, AKernelThatDeclinesFewRowsIsMissed) {
  matmul("tile", 100, "x4/1", "a");
  device.refuse = [](const tn_node_query& q) -> const char* {
    return q.t[q.n_in]->dim[0] == 1 && std::string(q.node->bound->id) == "tile" ? "a tile is wider"
                                                                                : nullptr;
  };
  EXPECT_EQ(kernel_for(8).value(), "tile");
  const auto none = kernel_for(1);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), ErrorCode::unavailable);
  EXPECT_THAT(none.error().message(), HasSubstr("matmul: no kernel of the arithmetic of tile"));
  EXPECT_THAT(none.error().message(), HasSubstr("a tile is wider"));
}

}  // namespace
}  // namespace tenon
