// Products with weights on the device under test: the words that the mirror predicts, however many
// rows come at once and however the kernels cut the work.
#include <cstring>

#include "backends/gpu/mirror/matmul.hpp"
#include "tests/conformance/kernel_test.hpp"
#include "tests/conformance/matmul_oracle.hpp"

namespace tenon::conformance {
namespace {

struct Size {
  int64_t tokens, rows, width;
};

class MirrorMatmul : public KernelTest {
 protected:
  std::string dtype_name() const { return GetParam().in_dtype(0); }
  const gpu::WeightType& type() const { return *gpu::find_weight_type(dtype_name()); }
  bool fits(const Size& size) const { return size.width % type().block_values == 0; }

  std::vector<float> predict(const Size& size, const std::vector<uint8_t>& w,
                             const std::vector<float>& x) const {
    const bool rounds = type().arithmetic == gpu::Arithmetic::int8x16_seg16;
    const auto width = static_cast<uint64_t>(size.width);
    const uint64_t row_bytes = width / type().block_values * type().block_bytes;
    std::vector<float> y;
    for (int64_t t = 0; t < size.tokens; ++t) {
      const float* row = x.data() + t * size.width;
      const auto rounded = gpu::mirror::round_row(row, width);
      for (uint64_t n = 0; n < static_cast<uint64_t>(size.rows); ++n) {
        const uint8_t* weights = w.data() + n * row_bytes;
        y.push_back(rounds ? gpu::mirror::product_int8(type(), weights, rounded)
                           : gpu::mirror::product_float(type(), weights, row, width));
      }
    }
    return y;
  }

  static void expect_words(const std::vector<float>& got, const std::vector<float>& want) {
    ASSERT_EQ(got.size(), want.size());
    int64_t different = 0;
    for (std::size_t i = 0; i < got.size(); ++i)
      if (std::memcmp(&got[i], &want[i], sizeof(float)) != 0 && ++different == 1)
        ADD_FAILURE() << "value " << i << ": " << got[i] << " for " << want[i];
    EXPECT_EQ(different, 0) << "of " << got.size();
  }
};

// Few rows and many, one segment and many, tiles that are not whole.
constexpr Size k_sizes[] = {
    {1, 33, 256},  {2, 33, 256},  {4, 33, 256},  {8, 33, 256},   {9, 33, 256}, {17, 33, 256},
    {40, 35, 256}, {3, 16, 32},   {3, 17, 64},   {3, 35, 512},   {3, 35, 576}, {3, 35, 1536},
    {2, 16, 4096}, {1, 300, 512}, {9, 300, 512}, {40, 300, 256},
};

using MatmulMirror = MirrorMatmul;

TEST_P(MatmulMirror, HasItsWords) {
  for (const Size& size : k_sizes) {
    if (!fits(size)) continue;
    SCOPED_TRACE(testing::Message()
                 << "T=" << size.tokens << " N=" << size.rows << " K=" << size.width);
    const auto w = oracle::random_weights(dtype_name(), size.rows * size.width, 7);
    const auto x = random_values(Inputs::outliers, size.tokens * size.width, 11);
    Call call(GetParam());
    call.weight({dtype_name(), {size.rows, size.width}}, w)
        .in({"f32", {size.tokens, size.width}, TN_SYM_ROWS}, x)
        .out({"f32", {size.tokens, size.rows}, TN_SYM_ROWS});
    ASSERT_TRUE(compute(call));
    expect_words(call.result(), predict(size, w, x));
  }
}

INSTANTIATE_TEST_SUITE_P(Device, MatmulMirror, kernels_of(TN_OP_MATMUL), name_of_case);

using QkvProjMirror = MirrorMatmul;

TEST_P(QkvProjMirror, HasItsWords) {
  const Size parts[] = {{5, 48, 512}, {5, 16, 512}, {5, 20, 512}};
  const auto x = random_values(Inputs::outliers, parts[0].tokens * parts[0].width, 3);
  Call call(GetParam());
  std::vector<std::vector<uint8_t>> weights;
  for (const Size& size : parts) {
    const auto seed = static_cast<uint32_t>(weights.size());
    weights.push_back(oracle::random_weights(dtype_name(), size.rows * size.width, seed));
    call.weight({dtype_name(), {size.rows, size.width}}, weights.back());
  }
  call.in({"f32", {parts[0].tokens, parts[0].width}, TN_SYM_ROWS}, x);
  for (const Size& size : parts) call.out({"f32", {size.tokens, size.rows}, TN_SYM_ROWS});
  ASSERT_TRUE(compute(call));
  for (unsigned i = 0; i < 3; ++i)
    expect_words(call.result<float>(i), predict(parts[i], weights[i], x));
}

INSTANTIATE_TEST_SUITE_P(Device, QkvProjMirror, kernels_of(TN_OP_QKV_PROJ), name_of_case);

}  // namespace
}  // namespace tenon::conformance
