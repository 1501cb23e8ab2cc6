// tn.gelu_erf: 4 ulps times the condition of the function.
#include "plugins/conformance/oracle/gelu_erf.hpp"

#include "elementwise_check.hpp"

namespace tenon::conformance {
namespace {

class GeluErfTest : public ElementwiseTest {};

TEST_P(GeluErfTest, IsWithinFourUlps) { check_unary(oracle::gelu_erf, 4, true); }

INSTANTIATE_TEST_SUITE_P(Packs, GeluErfTest, kernels_of(TN_OP_GELU_ERF), name_of_case);

}  // namespace
}  // namespace tenon::conformance
