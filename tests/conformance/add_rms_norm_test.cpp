// tn.add_rms_norm: the sum is exact, and its norm is that of the stored sum.
#include "norm_check.hpp"
#include "plugins/conformance/oracle/rms_norm.hpp"

namespace tenon::conformance {
namespace {

struct SumAndNorm {
  std::vector<float> sum, norm;
};

class AddRmsNormTest : public NormTest {
 protected:
  static std::vector<float> gain(int64_t width) { return random_values(Inputs::normal, width, 2); }
  // b is a reversed, halved a, so that one argument describes the call.
  static std::vector<float> other(const std::vector<float>& a, int64_t width) {
    std::vector<float> b = a;
    for (auto row = b.begin(); row != b.end(); row += width) std::reverse(row, row + width);
    for (float& v : b) v *= 0.5f;
    return b;
  }
  SumAndNorm run(const std::vector<float>& a, int64_t width) const {
    const tn_norm_params params = {sizeof(params), k_eps};
    Call call(GetParam());
    rows_in(call, a, width);
    rows_in(call, other(a, width), width).in({"f32", {width}}, gain(width)).params(params);
    rows_out(call, a, width);
    rows_out(call, a, width);
    EXPECT_TRUE(compute(call));
    return {call.result(0), call.result(1)};
  }
  // The row the norm is taken of, rounded as stored.
  static std::vector<double> norm_of_sum(const std::vector<double>& a) {
    const std::vector<float> stored(a.begin(), a.end());
    const auto b = other(stored, static_cast<int64_t>(a.size()));
    std::vector<double> sum(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) sum[i] = stored[i] + b[i];
    auto y = oracle::rms_norm(sum, double{k_eps});
    const auto w = gain(static_cast<int64_t>(a.size()));
    for (std::size_t i = 0; i < y.size(); ++i) y[i] *= w[i];
    return y;
  }
};

TEST_P(AddRmsNormTest, NormIsExact) {
  check([&](const auto& a, int64_t width) { return run(a, width).norm; }, norm_of_sum);
}

TEST_P(AddRmsNormTest, SumIsRoundedOnce) {
  for (const int64_t width : k_lengths) {
    const auto a = random_values(Inputs::outliers, 5 * width, 4);
    const auto b = other(a, width);
    const auto sum = run(a, width).sum;
    for (std::size_t i = 0; i < a.size(); ++i) ASSERT_EQ(sum[i], a[i] + b[i]);
  }
}

TEST_P(AddRmsNormTest, RowsDoNotDependOnTheirNeighbours) {
  check_rows([&](const auto& a, int64_t width) { return run(a, width).norm; });
}

INSTANTIATE_TEST_SUITE_P(Packs, AddRmsNormTest, kernels_of(TN_OP_ADD_RMS_NORM), name_of_case);

}  // namespace
}  // namespace tenon::conformance
