// tn.rms_norm_mul: rms_norm with a gain per channel.
#include "norm_check.hpp"
#include "plugins/conformance/oracle/rms_norm.hpp"

namespace tenon::conformance {
namespace {

class RmsNormMulTest : public NormTest {
 protected:
  static std::vector<float> gain(int64_t width) { return random_values(Inputs::normal, width, 2); }
  std::vector<float> run(const std::vector<float>& x, int64_t width) const {
    const tn_norm_params params = {sizeof(params), k_eps};
    Call call(GetParam());
    rows_in(call, x, width).in({"f32", {width}}, gain(width)).params(params);
    rows_out(call, x, width);
    EXPECT_TRUE(compute(call));
    return call.result();
  }
};

TEST_P(RmsNormMulTest, IsExact) {
  check([&](const auto& x, int64_t width) { return run(x, width); },
        [](const auto& x) {
          auto y = oracle::rms_norm(x, double{k_eps});
          const auto w = gain(static_cast<int64_t>(x.size()));
          for (std::size_t i = 0; i < y.size(); ++i) y[i] *= w[i];
          return y;
        });
}

TEST_P(RmsNormMulTest, RowsDoNotDependOnTheirNeighbours) {
  check_rows([&](const auto& x, int64_t width) { return run(x, width); });
}

INSTANTIATE_TEST_SUITE_P(Packs, RmsNormMulTest, kernels_of(TN_OP_RMS_NORM_MUL), name_of_case);

}  // namespace
}  // namespace tenon::conformance
