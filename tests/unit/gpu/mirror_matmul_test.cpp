// The arithmetic of the GPU kernels, in its mirror: as exact as the gates of tests/conformance ask.
#include <gtest/gtest.h>

#include <cstring>

#include "backends/gpu/mirror/matmul.hpp"
#include "plugins/conformance/metrics.hpp"
#include "tests/conformance/matmul_gates.hpp"
#include "tests/conformance/matmul_oracle.hpp"

namespace tenon::gpu {
namespace {

using conformance::Inputs;
using conformance::Problem;

// (tokens, rows) of a problem, through the mirror.
std::vector<float> multiply(const WeightType& type, const Problem& p) {
  const auto x = p.x();
  const auto w = p.weights();
  const auto width = static_cast<uint64_t>(p.width);
  const uint64_t row_bytes = width / type.block_values * type.block_bytes;
  std::vector<float> y;
  for (int64_t t = 0; t < p.tokens; ++t) {
    const float* row = x.data() + t * p.width;
    const auto rounded = mirror::round_row(row, width);
    for (int64_t n = 0; n < p.rows; ++n) {
      const uint8_t* weights = w.data() + static_cast<uint64_t>(n) * row_bytes;
      y.push_back(type.arithmetic == Arithmetic::int8x16_seg16
                      ? mirror::product_int8(type, weights, rounded)
                      : mirror::product_float(type, weights, row, width));
    }
  }
  return y;
}

std::string arithmetic_of(const WeightType& type) {
  if (type.arithmetic == Arithmetic::int8x16_seg16) return "int8x16.seg16";
  return std::string_view(type.dtype) == "f32" ? "f32.seg16" : "f16.seg16";
}

TEST(MirrorMatmul, IsAsExactAsItsArithmetic) {
  for (const WeightType& type : weight_types()) {
    const conformance::MatmulGate* gate = conformance::gate_of(arithmetic_of(type));
    ASSERT_NE(gate, nullptr);
    for (const Inputs inputs : conformance::k_inputs) {
      SCOPED_TRACE(std::string(type.dtype) + " " + conformance::name_of(inputs));
      conformance::Noise noise, ideal;
      for (const int64_t width : {256, 512, 1536, 4096}) {
        const Problem p{type.dtype, 4, 33, width, inputs, 7, 11};
        noise.add(multiply(type, p), p.product());
        if (gate->int8_block == 0) continue;
        const auto& best = p.product(gate->int8_block);
        ideal.add({best.begin(), best.end()}, p.product());
      }
      EXPECT_LE(noise.nmse(), gate->int8_block == 0 ? gate->nmse : 1.2 * ideal.nmse());
    }
  }
}

TEST(MirrorMatmul, WidensBitByBit) {
  for (const WeightType& type : weight_types()) {
    const auto bytes = oracle::random_weights(type.dtype, 4096, 3);
    const auto want = oracle::dequantize(type.dtype, bytes);
    std::vector<float> got(want.size());
    mirror::widen(type, bytes.data(), want.size(), got.data());
    for (size_t i = 0; i < want.size(); ++i)
      ASSERT_EQ(got[i], static_cast<float>(want[i])) << type.dtype << " " << i;
  }
}

TEST(MirrorRounded, KeepsTheLargestAndRounds) {
  std::vector<float> x(32);
  x[0] = 127;
  x[1] = 0.5f;
  x[2] = 1.75f;
  x[3] = -2.5f;
  x[31] = -254;
  const auto row = mirror::round_row(x.data(), 32);
  EXPECT_EQ(row[0].q[0], 127);
  EXPECT_EQ(row[0].q[1], 0);
  EXPECT_EQ(row[0].q[2], 2);
  EXPECT_EQ(row[0].q[3], -2);
  EXPECT_EQ(row[0].q[31], -127);
  EXPECT_EQ(row[0].scale[0], 1);
  EXPECT_EQ(row[0].scale[1], 2);
  EXPECT_EQ(row[0].sums[0], 127);
  EXPECT_EQ(row[0].sum, 127 - 254);
}

// What is too small for a scale is 0; what is no number makes no number.
TEST(MirrorRounded, HasAnAnswerForEveryNumber) {
  std::vector<float> x(32, 1e-38f);
  for (const float odd : {INFINITY, -INFINITY, NAN}) {
    x[16] = odd;
    const auto row = mirror::round_row(x.data(), 32);
    EXPECT_EQ(row[0].scale[0], 0);
    EXPECT_EQ(row[0].q[0], 0);
    const WeightType& type = *find_weight_type("q8_0");
    const auto w = oracle::random_weights("q8_0", 32, 1);
    EXPECT_TRUE(std::isnan(mirror::product_int8(type, w.data(), row)));
  }
  x.assign(32, 3.4e38f);
  const auto row = mirror::round_row(x.data(), 32);
  EXPECT_EQ(row[0].q[5], 127);
}

}  // namespace
}  // namespace tenon::gpu
