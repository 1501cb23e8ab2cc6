// What a device does as one when the host keeps only the end gives the words of the nodes one by one,
// which is how it must do them when the host keeps everything.
#include <gtest/gtest.h>

#include <cstring>

#include "plugins/conformance/oracle/random_weights.hpp"
#include "plugins/conformance/random.hpp"
#include "small_graph.hpp"
#include "tests/growth/plugin_under_test.hpp"

namespace tenon::conformance {
namespace {

constexpr int64_t k_bound = 9;

class Fusion : public testing::TestWithParam<int64_t> {
 protected:
  static void SetUpTestSuite() {
    host_ = new TestHost;
    std::string why;
    device_ = Device::open(*host_, plugin_under_test("TENON_GPU_PLUGIN", TENON_GPU_PLUGIN), 0, why)
                  .release();
    ASSERT_NE(device_, nullptr) << why;
  }
  static void TearDownTestSuite() {
    delete device_;
    delete host_;
  }

  static int64_t rows() { return GetParam(); }
  static std::vector<int64_t> syms() { return {0, rows(), rows(), 1, rows()}; }
  // A plan for few rows is not one for many.
  static std::vector<int64_t> bounds() { return {0, bound(), bound(), 1, 64}; }
  static int64_t bound() { return rows() == 1 ? 1 : k_bound; }

  static std::vector<float> values(int64_t n, uint32_t seed) {
    return random_values(Inputs::outliers, n, seed);
  }
  static uint32_t matrix(SmallGraph& g, const char* type, int64_t n, int64_t k, uint32_t seed) {
    return g.weight(type, {n, k}, oracle::random_weights(type, n * k, seed));
  }
  static uint32_t rows_of(SmallGraph& g, int64_t width, uint32_t seed) {
    return g.input({bound(), width}, values(rows() * width, seed));
  }

  // `build` returns the operands that a host keeps, the temporaries between them in `between`.
  template <class Build>
  static void expect_same(const Build& build) {
    std::set<uint32_t> between;
    SmallGraph fused(*device_, *host_);
    const std::set<uint32_t> kept = build(fused, between);
    const std::vector<float> got = fused.run(syms(), bounds(), kept);
    SmallGraph apart(*device_, *host_);
    between.clear();
    build(apart, between);
    between.insert(kept.begin(), kept.end());
    std::vector<float> want;
    const std::vector<float> all = apart.run(syms(), bounds(), between);
    ASSERT_FALSE(got.empty());
    ASSERT_GE(all.size(), got.size());
    // Operands are in order of their numbers, and what is kept comes last.
    want.assign(all.end() - static_cast<std::ptrdiff_t>(got.size()), all.end());
    std::size_t different = 0;
    for (std::size_t i = 0; i < got.size(); ++i)
      if (std::memcmp(&got[i], &want[i], sizeof(float)) != 0) ++different;
    EXPECT_EQ(different, 0u) << "of " << got.size();
  }

  static TestHost* host_;
  static Device* device_;
};
TestHost* Fusion::host_ = nullptr;
Device* Fusion::device_ = nullptr;

TEST_P(Fusion, NormsMakeRoundedRows) {
  expect_same([](SmallGraph& g, std::set<uint32_t>& between) {
    const uint32_t a = rows_of(g, 320, 1), b = rows_of(g, 320, 2), w = g.vector(values(320, 3));
    const uint32_t w1 = matrix(g, "q4_1", 48, 320, 4), w2 = matrix(g, "q8_0", 33, 320, 5);
    const uint32_t normed = g.temp({bound(), 320}), total = g.temp({bound(), 320});
    const uint32_t y1 = g.temp({bound(), 48}), y2 = g.temp({bound(), 33});
    g.node(TN_OP_ADD_RMS_NORM, {a, b, w}, {total, normed}, tn_norm_params{0, 1e-5f});
    g.node(TN_OP_MATMUL, {w1, normed}, {y1});
    g.node(TN_OP_MATMUL, {w2, normed}, {y2});
    between = {normed};
    return std::set<uint32_t>{total, y1, y2};
  });
}

TEST_P(Fusion, RowsThatAreReadAsTheyAreStayAsTheyAre) {
  expect_same([](SmallGraph& g, std::set<uint32_t>& between) {
    const uint32_t x = rows_of(g, 64, 1), w = g.vector(values(64, 3));
    const uint32_t w1 = matrix(g, "q4_0", 16, 64, 4);
    const uint32_t normed = g.temp({bound(), 64});
    const uint32_t y = g.temp({bound(), 16}), twice = g.temp({bound(), 64});
    g.node(TN_OP_RMS_NORM_MUL, {x, w}, {normed}, tn_norm_params{0, 1e-5f});
    g.node(TN_OP_MATMUL, {w1, normed}, {y});
    g.node(TN_OP_ADD, {normed, normed}, {twice});
    between = {normed};
    return std::set<uint32_t>{y, twice};
  });
}

TEST_P(Fusion, GatesMakeRoundedRows) {
  for (const char* op : {TN_OP_SWIGLU, TN_OP_GEGLU})
    for (const char* type : {"q4_1", "q6_K", "f32"}) {
      SCOPED_TRACE(testing::Message() << op << " " << type);
      expect_same([&](SmallGraph& g, std::set<uint32_t>& between) {
        const uint32_t x = rows_of(g, 256, 1);
        const uint32_t gate = matrix(g, type, 96, 256, 2), up = matrix(g, type, 96, 256, 3);
        const uint32_t down = matrix(g, "q4_1", 40, 96, 4);
        const uint32_t a = g.temp({bound(), 96}), b = g.temp({bound(), 96});
        const uint32_t gated = g.temp({bound(), 96}), y = g.temp({bound(), 40});
        g.node(TN_OP_MATMUL, {gate, x}, {a});
        g.node(TN_OP_MATMUL, {up, x}, {b});
        g.node(op, {a, b}, {gated});
        g.node(TN_OP_MATMUL, {down, gated}, {y});
        between = {a, b, gated};
        return std::set<uint32_t>{y};
      });
    }
}

INSTANTIATE_TEST_SUITE_P(Rows, Fusion, testing::Values(1, 2, 9));

}  // namespace
}  // namespace tenon::conformance
