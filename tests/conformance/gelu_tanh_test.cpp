// tn.gelu_tanh: 4 ulps times the condition of the function.
#include "plugins/conformance/oracle/gelu_tanh.hpp"

#include "elementwise_check.hpp"

namespace tenon::conformance {
namespace {

class GeluTanhTest : public ElementwiseTest {};

TEST_P(GeluTanhTest, IsWithinFourUlps) { check_unary(oracle::gelu_tanh, 4, true); }

INSTANTIATE_TEST_SUITE_P(Packs, GeluTanhTest, kernels_of(TN_OP_GELU_TANH), name_of_case);

}  // namespace
}  // namespace tenon::conformance
