// tn.softcap: 8 ulps, for the caps of real models and for one that nearly everything exceeds.
#include "plugins/conformance/oracle/softcap.hpp"

#include "elementwise_check.hpp"

namespace tenon::conformance {
namespace {

class SoftcapTest : public ElementwiseTest {};

TEST_P(SoftcapTest, IsWithinEightUlps) {
  for (const float cap : {30.0f, 50.0f, 0.7f}) {
    const tn_softcap_params params = {sizeof(params), cap};
    check_unary([=](double x) { return oracle::softcap(x, cap); }, 8, true, &params);
  }
}

INSTANTIATE_TEST_SUITE_P(Packs, SoftcapTest, kernels_of(TN_OP_SOFTCAP), name_of_case);

}  // namespace
}  // namespace tenon::conformance
