// tn.concat: rows side by side, bit by bit.
#include "kernel_test.hpp"

namespace tenon::conformance {
namespace {

class ConcatTest : public KernelTest {};

TEST_P(ConcatTest, JoinsTheLastAxis) {
  for (const int64_t rows : k_row_counts) {
    for (const auto& [m, n] : {std::pair<int64_t, int64_t>{1, 1}, {7, 33}, {64, 9}}) {
      const auto a = random_values(Inputs::normal, rows * m, 1);
      const auto b = random_values(Inputs::normal, rows * n, 2);
      const View wide_a = column_view(a, m), wide_b = column_view(b, n);
      Call call(GetParam());
      call.in({"f32", {rows, m}, TN_SYM_ROWS, {wide_a.row_bytes, 4}}, wide_a.parent)
          .in({"f32", {rows, n}, TN_SYM_ROWS, {wide_b.row_bytes, 4}}, wide_b.parent)
          .out({"f32", {rows, m + n}, TN_SYM_ROWS});
      ASSERT_TRUE(compute(call));
      std::vector<float> want;
      for (int64_t row = 0; row < rows; ++row) {
        want.insert(want.end(), a.begin() + row * m, a.begin() + (row + 1) * m);
        want.insert(want.end(), b.begin() + row * n, b.begin() + (row + 1) * n);
      }
      ASSERT_EQ(call.result(), want) << rows << " rows of " << m << " + " << n;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Packs, ConcatTest, kernels_of(TN_OP_CONCAT), name_of_case);

}  // namespace
}  // namespace tenon::conformance
