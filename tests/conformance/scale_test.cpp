// tn.scale: rounded once.
#include "elementwise_check.hpp"

namespace tenon::conformance {
namespace {

class ScaleTest : public ElementwiseTest {};

TEST_P(ScaleTest, IsRoundedOnce) {
  for (const float factor : {0.125f, -3.7f, 45.25f}) {
    const tn_scale_params params = {sizeof(params), factor};
    check_unary([=](double x) { return factor * x; }, 0.5, false, &params);
  }
}

INSTANTIATE_TEST_SUITE_P(Packs, ScaleTest, kernels_of(TN_OP_SCALE), name_of_case);

}  // namespace
}  // namespace tenon::conformance
