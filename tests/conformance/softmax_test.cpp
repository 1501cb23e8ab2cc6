// tn.softmax: exact, sums to one, survives large and masked scores.
#include "plugins/conformance/oracle/softmax.hpp"

#include <numeric>

#include "norm_check.hpp"

namespace tenon::conformance {
namespace {

class SoftmaxTest : public NormTest {
 protected:
  std::vector<float> run(const std::vector<float>& x, int64_t width) const {
    Call call(GetParam());
    rows_in(call, x, width);
    rows_out(call, x, width);
    EXPECT_TRUE(compute(call));
    return call.result();
  }
};

TEST_P(SoftmaxTest, IsExact) {
  check([&](const auto& x, int64_t width) { return run(x, width); }, oracle::softmax);
}

TEST_P(SoftmaxTest, SumsToOneAndMasksToZero) {
  for (const int64_t width : {2, 33, 1023}) {
    auto x = random_values(Inputs::normal, 3 * width, 6);
    for (float& v : x) v *= 1e4f;
    const auto masked = x.begin() + width;
    std::fill(masked, masked + width, -INFINITY);       // all of row 1
    std::fill(masked + width, x.end() - 1, -INFINITY);  // all but one of row 2
    const auto y = run(x, width);
    EXPECT_NEAR(std::accumulate(y.begin(), y.begin() + width, 0.0), 1.0, 1e-6);
    EXPECT_EQ(std::vector<float>(y.begin() + width, y.end() - 1),
              std::vector<float>(static_cast<std::size_t>(2 * width - 1), 0.0f));
    EXPECT_EQ(y.back(), 1.0f);
  }
}

TEST_P(SoftmaxTest, RowsDoNotDependOnTheirNeighbours) {
  check_rows([&](const auto& x, int64_t width) { return run(x, width); });
}

INSTANTIATE_TEST_SUITE_P(Packs, SoftmaxTest, kernels_of(TN_OP_SOFTMAX), name_of_case);

}  // namespace
}  // namespace tenon::conformance
