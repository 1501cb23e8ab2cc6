// tn.add: dense and with one row for all.
#include "elementwise_check.hpp"

namespace tenon::conformance {
namespace {

class AddTest : public ElementwiseTest {};

TEST_P(AddTest, IsRoundedOnce) {
  check_binary([](double a, double b) { return a + b; }, 0.5, false, false);
}

TEST_P(AddTest, BroadcastsOneRow) {
  check_binary([](double a, double b) { return a + b; }, 0.5, false, true);
}

INSTANTIATE_TEST_SUITE_P(Packs, AddTest, kernels_of(TN_OP_ADD), name_of_case);

}  // namespace
}  // namespace tenon::conformance
