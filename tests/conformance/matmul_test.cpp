// tn.matmul: accuracy by arithmetic, independence of rows, strided activations.
#include "kernel_test.hpp"
#include "matmul_gates.hpp"
#include "matmul_oracle.hpp"
#include "plugins/conformance/dtypes.hpp"

namespace tenon::conformance {
namespace {

struct Size {
  int64_t tokens, rows, width;
};

class MatmulTest : public KernelTest {
 protected:
  std::string dtype_name() const { return GetParam().in_dtype(0); }
  bool fits(const Size& size) const { return size.width % dtype(dtype_name()).values == 0; }
  std::vector<uint8_t> weights(const Size& size) const {
    return oracle::random_weights(dtype_name(), size.rows * size.width, 7);
  }
  // All widths with few tokens, all token counts with one width, one large call.
  std::vector<Size> sizes() const {
    std::vector<Size> all = {{9, 16, 4096}, {64, 48, 256}, {5, 33, 1536}};
    for (const int64_t width : k_lengths) all.push_back({3, 17, width});
    for (const int64_t width : {96, 160, 256, 512, 768}) all.push_back({4, 35, width});
    for (const int64_t rows : {1, 2, 8, 31, 65}) all.push_back({2, rows, 256});
    for (const int64_t tokens : k_row_counts) {
      all.push_back({tokens, 33, 576});
      all.push_back({tokens, 16, 256});
    }
    std::erase_if(all, [&](const Size& size) { return !fits(size); });
    return all;
  }
  // An empty result means that the kernel declined.
  std::optional<std::vector<float>> multiply(const Size& size, const std::vector<float>& x) const {
    Call call(GetParam());
    call.weight({dtype_name(), {size.rows, size.width}}, weights(size))
        .in({"f32", {size.tokens, size.width}, TN_SYM_ROWS}, x)
        .out({"f32", {size.tokens, size.rows}, TN_SYM_ROWS});
    if (!compute(call)) return std::nullopt;
    return call.result();
  }
};

// The bound of rounding errors per element, for arithmetics that keep activations in f32.
void expect_element_bounds(const std::vector<float>& got, const std::vector<double>& want,
                           std::vector<double> x, std::vector<double> w, int64_t k) {
  for (double& v : x) v = std::fabs(v);
  for (double& v : w) v = std::fabs(v);
  const auto magnitude = oracle::matmul(x, w, k);
  const double factor = 2 * std::sqrt(static_cast<double>(k)) * FLT_EPSILON;
  for (std::size_t i = 0; i < want.size(); ++i) {
    ASSERT_LE(std::fabs(got[i] - want[i]), factor * magnitude[i]) << "element " << i;
  }
}

TEST_P(MatmulTest, IsAsExactAsItsArithmetic) {
  const MatmulGate* gate = gate_of(GetParam().arithmetic());
  ASSERT_NE(gate, nullptr) << "no gate for arithmetic '" << GetParam().arithmetic() << "'";
  for (const Inputs inputs : k_inputs) {
    Noise noise, ideal;
    for (const Size& size : sizes()) {
      SCOPED_TRACE(testing::Message() << name_of(inputs) << " T=" << size.tokens
                                      << " N=" << size.rows << " K=" << size.width);
      const Problem problem{dtype_name(), size.tokens, size.rows, size.width, inputs, 7, 11};
      const auto x = problem.x();
      const auto y = multiply(size, x);
      if (!y.has_value()) continue;
      const auto& want = problem.product();
      noise.add(*y, want);
      if (gate->int8_block != 0) {
        const auto& best = problem.product(gate->int8_block);
        ideal.add({best.begin(), best.end()}, want);
        // One call holds few values, so its noise scatters: a wrong kernel is far above twice.
        EXPECT_LE(nmse(*y, want), 2 * nmse({best.begin(), best.end()}, want) + 1e-12);
      } else {
        EXPECT_LE(nmse(*y, want), gate->nmse);
        if (gate->nmse <= 1e-11) {
          const auto w = oracle::dequantize(dtype_name(), weights(size));
          expect_element_bounds(*y, want, widen(x), w, size.width);
        }
      }
    }
    ASSERT_GT(noise.signal, 0) << "the kernel declined every size";
    report(std::string("nmse_") + name_of(inputs), noise.nmse());
    if (gate->int8_block == 0) continue;
    report(std::string("vs_ideal_") + name_of(inputs), noise.nmse() / ideal.nmse());
    EXPECT_LE(noise.nmse(), 1.2 * ideal.nmse());
  }
}

// One arithmetic for all row counts: a token's bits do not depend on how many came with it.
TEST_P(MatmulTest, RowsDoNotDependOnTheirNeighbours) {
  int ran = 0;
  for (const int64_t width : {576, 512}) {
    const Size all{130, 40, width};
    if (!fits(all)) continue;
    const auto x = random_values(Inputs::outliers, all.tokens * width, 5);
    const auto y = multiply(all, x);
    if (!y.has_value()) continue;
    ++ran;
    const auto same_rows = [&](int64_t first, int64_t count) {
      const std::vector<float> part(x.begin() + first * width, x.begin() + (first + count) * width);
      const auto got = multiply({count, all.rows, width}, part);
      ASSERT_TRUE(got.has_value()) << "declines " << count << " rows of " << width;
      EXPECT_EQ(std::memcmp(got->data(), y->data() + first * all.rows,
                            static_cast<std::size_t>(count * all.rows) * sizeof(float)),
                0)
          << count << " rows from " << first << ", width " << width;
    };
    for (const int64_t row : {0, 1, 7, 8, 63, 64, 127, 129}) same_rows(row, 1);
    for (const int64_t count : {2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 31, 64}) same_rows(3, count);
  }
  EXPECT_GT(ran, 0) << "the kernel declined every width";
}

TEST_P(MatmulTest, ReadsStridedActivations) {
  const Size size{9, 33, 256};
  const int64_t parent = size.width + 24, skip = 8;
  const auto wide = random_values(Inputs::normal, size.tokens * parent, 3);
  std::vector<float> dense;
  for (int64_t t = 0; t < size.tokens; ++t) {
    const auto row = wide.begin() + t * parent + skip;
    dense.insert(dense.end(), row, row + size.width);
  }
  const auto want = multiply(size, dense);
  Call call(GetParam());
  call.weight({dtype_name(), {size.rows, size.width}}, weights(size))
      .in({"f32", {size.tokens, size.width}, TN_SYM_ROWS, {parent * 4, 4}},
          std::vector<float>(wide.begin() + skip, wide.end()))
      .out({"f32", {size.tokens, size.rows}, TN_SYM_ROWS});
  ASSERT_TRUE(compute(call)) << "the kernel declined strided activations";
  EXPECT_EQ(call.result(), want);
}

INSTANTIATE_TEST_SUITE_P(Packs, MatmulTest, kernels_of(TN_OP_MATMUL), name_of_case);

}  // namespace
}  // namespace tenon::conformance
