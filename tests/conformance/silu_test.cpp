// tn.silu: 4 ulps.
#include "plugins/conformance/oracle/silu.hpp"

#include "elementwise_check.hpp"

namespace tenon::conformance {
namespace {

class SiluTest : public ElementwiseTest {};

TEST_P(SiluTest, IsWithinFourUlps) { check_unary(oracle::silu, 4, false); }

INSTANTIATE_TEST_SUITE_P(Packs, SiluTest, kernels_of(TN_OP_SILU), name_of_case);

}  // namespace
}  // namespace tenon::conformance
