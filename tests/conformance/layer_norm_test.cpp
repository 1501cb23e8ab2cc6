// tn.layer_norm: exact over the last axis, row by row.
#include "plugins/conformance/oracle/layer_norm.hpp"

#include "norm_check.hpp"

namespace tenon::conformance {
namespace {

class LayerNormTest : public NormTest {
 protected:
  std::vector<float> run(const std::vector<float>& x, int64_t width) const {
    const tn_norm_params params = {sizeof(params), k_eps};
    Call call(GetParam());
    rows_in(call, x, width).params(params);
    rows_out(call, x, width);
    EXPECT_TRUE(compute(call));
    return call.result();
  }
};

TEST_P(LayerNormTest, IsExact) {
  check([&](const auto& x, int64_t width) { return run(x, width); },
        [](const auto& x) { return oracle::layer_norm(x, double{k_eps}); });
}

TEST_P(LayerNormTest, RowsDoNotDependOnTheirNeighbours) {
  check_rows([&](const auto& x, int64_t width) { return run(x, width); });
}

INSTANTIATE_TEST_SUITE_P(Packs, LayerNormTest, kernels_of(TN_OP_LAYER_NORM), name_of_case);

}  // namespace
}  // namespace tenon::conformance
