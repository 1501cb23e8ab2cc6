// tn.mul: dense and with one row for all.
#include "elementwise_check.hpp"

namespace tenon::conformance {
namespace {

class MulTest : public ElementwiseTest {};

TEST_P(MulTest, IsRoundedOnce) {
  check_binary([](double a, double b) { return a * b; }, 0.5, false, false);
}

TEST_P(MulTest, BroadcastsOneRow) {
  check_binary([](double a, double b) { return a * b; }, 0.5, false, true);
}

INSTANTIATE_TEST_SUITE_P(Packs, MulTest, kernels_of(TN_OP_MUL), name_of_case);

}  // namespace
}  // namespace tenon::conformance
