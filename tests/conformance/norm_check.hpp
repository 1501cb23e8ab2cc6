// Ops over the last axis: NMSE against the oracle, and bits that do not depend on other rows.
#pragma once

#include <functional>

#include "kernel_test.hpp"

namespace tenon::conformance {

class NormTest : public KernelTest {
 protected:
  static constexpr double k_limit = 1e-12;
  static constexpr float k_eps = 1e-5f;
  static constexpr float k_magnitudes[] = {1.0f, 1e-3f, 1e4f};

  using RowOracle = std::function<std::vector<double>(const std::vector<double>& x)>;
  // Runs the op on rows x of `width`; gives the output that the oracle describes.
  using RowKernel = std::function<std::vector<float>(const std::vector<float>& x, int64_t width)>;

  static std::vector<double> by_rows(const std::vector<float>& x, int64_t width,
                                     const RowOracle& f) {
    std::vector<double> y;
    for (auto row = x.begin(); row != x.end(); row += width) {
      const auto got = f(std::vector<double>(row, row + width));
      y.insert(y.end(), got.begin(), got.end());
    }
    return y;
  }

  void check(const RowKernel& kernel, const RowOracle& f) {
    double worst = 0;
    for (const Inputs inputs : k_inputs) {
      for (const float magnitude : k_magnitudes) {
        for (const int64_t width : k_lengths) {
          SCOPED_TRACE(testing::Message() << name_of(inputs) << " x" << magnitude << " " << width);
          auto x = random_values(inputs, 3 * width, 1);
          for (float& v : x) v *= magnitude;
          std::fill_n(x.begin() + width, width, 0.0f);  // a row of zeros stays zeros
          const double error = nmse(kernel(x, width), by_rows(x, width, f));
          EXPECT_LE(error, k_limit);
          worst = std::max(worst, error);
        }
      }
    }
    report("nmse", worst);
  }

  static void check_rows(const RowKernel& kernel, int64_t width = 576) {
    const auto x = random_values(Inputs::outliers, 130 * width, 9);
    const auto all = kernel(x, width);
    for (const int64_t rows : k_row_counts) {
      const int64_t first = 130 - rows;
      const auto part = kernel({x.begin() + first * width, x.end()}, width);
      EXPECT_TRUE(std::equal(part.begin(), part.end(), all.begin() + first * width))
          << rows << " rows";
    }
  }

  // One input of rows, read from a wider tensor.
  Call& rows_in(Call& call, const std::vector<float>& x, int64_t width) const {
    const View view = column_view(x, width);
    const int64_t rows = static_cast<int64_t>(x.size()) / width;
    return call.in({"f32", {rows, width}, TN_SYM_ROWS, {view.row_bytes, 4}}, view.parent);
  }
  Call& rows_out(Call& call, const std::vector<float>& x, int64_t width) const {
    return call.out({"f32", {static_cast<int64_t>(x.size()) / width, width}, TN_SYM_ROWS});
  }
};

}  // namespace tenon::conformance
