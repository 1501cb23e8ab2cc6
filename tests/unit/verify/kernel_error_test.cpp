// The measure of --verify-kernels: what rounding costs passes, one wrong column does not.
#include "framework/engine/verify/kernel_error.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace tenon::testing {
namespace {

constexpr std::size_t k_rows = 8, k_width = 4096;

// Columns of very different size, with noise of NMSE 2e-5 in each.
struct Products {
  Products() {
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    for (std::size_t i = 0; i < k_rows * k_width; ++i) {
      const float size = std::exp2(static_cast<float>(i % k_width % 7));
      exact.push_back(size * normal(random));
      rounded.push_back(exact.back() + size * 0.0045f * normal(random));
    }
  }
  KernelError error() const { return kernel_error(rounded, exact, k_width); }
  std::vector<float> exact, rounded;
};

TEST(KernelErrors, RoundingIsFarBelowItsLimits) {
  const KernelError error = Products().error();
  EXPECT_NEAR(error.whole, 2e-5, 3e-6);
  EXPECT_LT(error.worst_strip, 2e-4);
}

// Two of 128 blocks of a row of weights changed places: of the whole it is nothing.
TEST(KernelErrors, OneWrongColumnShows) {
  Products products;
  std::mt19937 random(2);
  std::normal_distribution<float> normal;
  for (std::size_t row = 0; row < k_rows; ++row) {
    float& value = products.rounded[row * k_width + 4093];
    value += 0.177f * 32 * normal(random);  // sqrt(4/128) of the column's size, 2^5
  }
  const KernelError error = products.error();
  EXPECT_LT(error.whole, 1e-4);
  EXPECT_GT(error.worst_strip, 1e-3);
}

TEST(KernelErrors, EqualIsNothingAndNotANumberIsTheWorst) {
  const std::vector<float> zeros(32);
  EXPECT_EQ(kernel_error(zeros, zeros, 16).worst_strip, 0);
  std::vector<float> broken(32, 1.0f);
  broken[3] = std::numeric_limits<float>::quiet_NaN();
  const KernelError error = kernel_error(broken, std::vector<float>(32, 1.0f), 32);
  EXPECT_TRUE(std::isnan(error.whole));
  EXPECT_TRUE(std::isnan(error.worst_strip));
}

TEST(KernelErrors, TheLastStripMayBeNarrow) {
  std::vector<float> values(36, 1.0f), exact(36, 1.0f);  // two rows of 18
  values[17] = 1.5f;
  const KernelError error = kernel_error(values, exact, 18);
  EXPECT_DOUBLE_EQ(error.whole, 0.25 / 36);
  EXPECT_DOUBLE_EQ(error.worst_strip, 0.25 / 4);
}

}  // namespace
}  // namespace tenon::testing
