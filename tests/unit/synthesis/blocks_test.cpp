// Random blocks: their values as the oracle reads them, and that they depend on nothing but the place.
#include "framework/synthesis/blocks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <vector>

#include "framework/base/sha256.hpp"
#include "plugins/conformance/oracle/formats.hpp"

namespace tenon {
namespace {

constexpr Noise k_noise{7, 99};

std::vector<std::uint8_t> blocks(const DType& dtype, float rms, std::uint64_t first,
                                 std::size_t n) {
  std::vector<std::uint8_t> out(n * dtype.block_bytes);
  make_blocks(dtype, k_noise, rms, first, std::as_writable_bytes(std::span(out)));
  return out;
}

class Blocks : public ::testing::TestWithParam<const DType*> {};

TEST_P(Blocks, HaveTheWantedSizeAndNoOffset) {
  const DType& dtype = *GetParam();
  for (const float rms : {1.0F / 8, 1.0F / 64, 1.0F / 160}) {
    const auto values = oracle::dequantize(std::string(dtype.name),
                                           blocks(dtype, rms, 0, 65536 / dtype.block_elements));
    double sum = 0, squares = 0;
    for (const double v : values) {
      ASSERT_TRUE(std::isfinite(v));
      sum += v, squares += v * v;
    }
    const auto n = static_cast<double>(values.size());
    const bool power_of_two = dtype.name == "mxfp4";  // the scale is rounded down to one
    EXPECT_LT(std::sqrt(squares / n), 1.06 * rms);
    EXPECT_GT(std::sqrt(squares / n), (power_of_two ? 0.5 : 0.94) * rms);
    EXPECT_LT(std::fabs(sum / n), 0.35 * rms);
  }
}

TEST_P(Blocks, AreTheSameWhereverTheWritingBegins) {
  const DType& dtype = *GetParam();
  const auto whole = blocks(dtype, 0.02F, 0, 64), part = blocks(dtype, 0.02F, 32, 32);
  EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + std::ssize(whole) / 2));
  EXPECT_FALSE(std::equal(part.begin(), part.end(), whole.begin()));
}

std::vector<const DType*> made_types() {
  std::vector<const DType*> types;
  for (const DType& t : all_dtypes())
    if (has_block_maker(t)) types.push_back(&t);
  return types;
}

INSTANTIATE_TEST_SUITE_P(All, Blocks, ::testing::ValuesIn(made_types()),
                         [](const auto& test) { return std::string(test.param->name); });

// One answer for every machine: integers and single rounded operations only (make_blocks_golden.py).
TEST(BlockBytes, AreThoseOfTheGolden) {
  std::vector<std::uint8_t> all;
  for (const DType* type : made_types())
    std::ranges::copy(blocks(*type, 0.015625F, 16, 16), std::back_inserter(all));
  const auto hash = sha256_hex(std::as_bytes(std::span(all)));
  ASSERT_TRUE(hash);
  EXPECT_EQ(*hash, "d8085b0cb32c85001ed777842f47b0a293ce3b35b3e0f892f0c3000bf59501b0");
}

TEST(VectorValue, IsNearItsMiddle) {
  double sum = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const float value = vector_value(k_noise, i, 1.0F);
    EXPECT_NEAR(value, 1.0F, 0.125F);
    sum += value;
  }
  EXPECT_NEAR(sum / 1000, 1.0, 0.01);
  EXPECT_NE(vector_value(k_noise, 0, 1.0F), vector_value(k_noise, 1, 1.0F));
}

}  // namespace
}  // namespace tenon
