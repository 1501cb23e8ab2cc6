// tn.row_gather: rows bit by bit, any number of them, repeated or none.
#include "kernel_test.hpp"

namespace tenon::conformance {
namespace {

class RowGatherTest : public KernelTest {};

TEST_P(RowGatherTest, CopiesTheNamedRows) {
  constexpr int64_t k_rows = 21;
  for (const int64_t width : k_lengths) {
    const auto x = random_values(Inputs::outliers, k_rows * width, 1);
    const View view = column_view(x, width);
    for (const int64_t count : {0, 1, 5, 40}) {
      const auto ids = random_ids(count, k_rows, 2);
      Call call(GetParam());
      call.in({"f32", {k_rows, width}, TN_SYM_ROWS, {view.row_bytes, 4}}, view.parent)
          .in({"i32", {count}, TN_SYM_OUT_ROWS}, ids)
          .out({"f32", {count, width}, TN_SYM_OUT_ROWS});
      ASSERT_TRUE(compute(call));
      std::vector<float> want;
      for (const int32_t id : ids) {
        want.insert(want.end(), x.begin() + id * width, x.begin() + (id + 1) * width);
      }
      ASSERT_EQ(call.result(), want) << count << " rows of " << width;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Packs, RowGatherTest, kernels_of(TN_OP_ROW_GATHER), name_of_case);

}  // namespace
}  // namespace tenon::conformance
