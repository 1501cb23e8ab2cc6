// tn.argmax: the first of the largest.
#include "kernel_test.hpp"

namespace tenon::conformance {
namespace {

class ArgmaxTest : public KernelTest {
 protected:
  std::vector<int32_t> run(const std::vector<float>& x, int64_t width) const {
    const int64_t rows = std::ssize(x) / width;
    const View view = column_view(x, width);
    Call call(GetParam());
    call.in({"f32", {rows, width}, TN_SYM_OUT_ROWS, {view.row_bytes, 4}}, view.parent)
        .out({"i32", {rows}, TN_SYM_OUT_ROWS});
    EXPECT_TRUE(compute(call));
    return call.result<int32_t>();
  }
};

TEST_P(ArgmaxTest, FindsTheFirstOfTheLargest) {
  for (const int64_t width : k_lengths) {
    auto x = random_values(Inputs::normal, 17 * width, 1);
    for (float& v : x) v = std::round(v * 4);  // many equals
    std::vector<int32_t> want;
    for (auto row = x.begin(); row != x.end(); row += width) {
      int32_t best = 0;
      for (int32_t i = 1; i < width; ++i) best = row[i] > row[best] ? i : best;
      want.push_back(best);
    }
    EXPECT_EQ(run(x, width), want) << "width " << width;
  }
}

TEST_P(ArgmaxTest, FindsTheLargestWhereverItIs) {
  for (const int64_t width : {1, 17, 64, 577}) {
    std::vector<float> x(static_cast<std::size_t>(width * width), -1e30f);
    std::vector<int32_t> want;
    for (int32_t i = 0; i < width; ++i) {
      x[static_cast<std::size_t>(i * width + i)] = -1e29f;
      want.push_back(i);
    }
    EXPECT_EQ(run(x, width), want) << "width " << width;
  }
}

// No index is right where values cannot be compared, and no logit may be infinite; the host must be
// able to see that.
TEST_P(ArgmaxTest, ARowThatIsNotFiniteHasNone) {
  for (const int64_t width : {1, 7, 64, 577}) {
    const auto last = static_cast<std::size_t>(width - 1);
    for (const std::size_t at : {std::size_t{0}, last / 2, last})
      for (const float bad : {std::nanf(""), INFINITY, -INFINITY}) {
        auto x = random_values(Inputs::normal, 3 * width, 1);
        x[static_cast<std::size_t>(width) + at] = bad;
        const auto got = run(x, width);
        EXPECT_GE(got[0], 0);
        EXPECT_EQ(got[1], -1) << bad << " at " << at << " of " << width;
        EXPECT_GE(got[2], 0);
      }
  }
}

INSTANTIATE_TEST_SUITE_P(Packs, ArgmaxTest, kernels_of(TN_OP_ARGMAX), name_of_case);

}  // namespace
}  // namespace tenon::conformance
