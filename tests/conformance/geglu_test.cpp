// tn.geglu: 5 ulps times the condition: 4 of gelu_tanh and the product's.
#include "elementwise_check.hpp"
#include "plugins/conformance/oracle/gelu_tanh.hpp"

namespace tenon::conformance {
namespace {

class GegluTest : public ElementwiseTest {};

TEST_P(GegluTest, IsWithinFiveUlps) {
  check_binary([](double g, double u) { return oracle::gelu_tanh(g) * u; }, 5, true, false);
}

INSTANTIATE_TEST_SUITE_P(Packs, GegluTest, kernels_of(TN_OP_GEGLU), name_of_case);

}  // namespace
}  // namespace tenon::conformance
