// tn.swiglu: 5 ulps: 4 of silu and the product's.
#include "elementwise_check.hpp"
#include "plugins/conformance/oracle/silu.hpp"

namespace tenon::conformance {
namespace {

class SwigluTest : public ElementwiseTest {};

TEST_P(SwigluTest, IsWithinFiveUlps) {
  check_binary([](double g, double u) { return oracle::silu(g) * u; }, 5, false, false);
}

INSTANTIATE_TEST_SUITE_P(Packs, SwigluTest, kernels_of(TN_OP_SWIGLU), name_of_case);

}  // namespace
}  // namespace tenon::conformance
