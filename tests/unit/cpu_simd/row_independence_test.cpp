// A row alone gives the bits it gives among others, for every op that reduces or rounds.
#include "fast_kernels.hpp"

namespace tenon::conformance {
namespace {

constexpr int64_t k_rows = 37;  // several items of several rows
constexpr int64_t k_widths[] = {1, 31, 64, 576, 1500};

enum class Operands { one, two, with_row };

struct RowOpCase {
  const char* op;
  Operands operands;
  bool has_eps;
};
constexpr RowOpCase k_cases[] = {
    {TN_OP_RMS_NORM, Operands::one, true},   {TN_OP_RMS_NORM_MUL, Operands::with_row, true},
    {TN_OP_LAYER_NORM, Operands::one, true}, {TN_OP_SOFTMAX, Operands::one, false},
    {TN_OP_SILU, Operands::one, false},      {TN_OP_GELU_TANH, Operands::one, false},
    {TN_OP_SWIGLU, Operands::two, false},    {TN_OP_GEGLU, Operands::two, false},
};

std::vector<float> run_rows(const KernelCase& kernel, const RowOpCase& c, int64_t first,
                            int64_t count, int64_t width) {
  const auto a = random_values(Inputs::outliers, k_rows * width, 1);
  const auto b = random_values(Inputs::normal, k_rows * width, 2);
  const Shape shape{"f32", {count, width}, TN_SYM_ROWS};
  Call call(kernel);
  call.in(shape, rows_of(a, first, count, width));
  if (c.operands == Operands::two) call.in(shape, rows_of(b, first, count, width));
  if (c.operands == Operands::with_row) call.in({"f32", {width}}, rows_of(b, 0, 1, width));
  if (c.has_eps) call.params(tn_norm_params{sizeof(tn_norm_params), 1e-5f});
  call.out(shape);
  return output_of(call, Schedule::pieces);
}

TEST(RowIndependence, OneRowAloneEqualsItselfAmongOthers) {
  for (const RowOpCase& c : k_cases) {
    for (const KernelCase& kernel : fast_kernels(c.op)) {
      for (const int64_t width : k_widths) {
        const auto together = run_rows(kernel, c, 0, k_rows, width);
        for (const int64_t row : {int64_t{0}, int64_t{7}, k_rows - 1})
          EXPECT_TRUE(
              same_bits(run_rows(kernel, c, row, 1, width), rows_of(together, row, 1, width)))
              << kernel.name() << " row " << row << " of width " << width;
      }
    }
  }
}

std::vector<float> rotate(const KernelCase& kernel, uint64_t features, int64_t first,
                          int64_t count) {
  constexpr int64_t heads = 9, width = 80;
  const auto x = random_values(Inputs::normal, k_rows * heads * width, 1);
  const auto positions = random_ids(k_rows, 100000, 2);
  const tn_rope_params p{sizeof(p), 64, 1e4f, 1, 1, 0, 0, 0};
  Call call(kernel);
  call.in({"f32", {count, heads, width}, TN_SYM_ROWS}, rows_of(x, first, count, heads * width))
      .in({"i32", {count}, TN_SYM_ROWS}, rows_of(positions, first, count, 1))
      .absent()
      .out({"f32", {count, heads, width}, TN_SYM_ROWS})
      .params(p)
      .features(features | TN_ROPE_PARTIAL);
  return output_of(call, Schedule::pieces);
}

TEST(RowIndependence, RotationDependsOnThePositionOnly) {
  for (const KernelCase& kernel : fast_kernels(TN_OP_ROPE)) {
    for (const uint64_t features : {uint64_t{0}, uint64_t{TN_ROPE_HALVES}}) {
      const auto together = rotate(kernel, features, 0, k_rows);
      for (int64_t row = 0; row < k_rows; ++row)
        EXPECT_TRUE(same_bits(rotate(kernel, features, row, 1), rows_of(together, row, 1, 9 * 80)))
            << kernel.name() << " row " << row;
    }
  }
}

// The host may use add_rms_norm or its parts: same bits.
TEST(RowIndependence, AddRmsNormIsItsDecomposition) {
  const auto sums = fast_kernels(TN_OP_ADD), norms = fast_kernels(TN_OP_RMS_NORM_MUL);
  const auto fused = fast_kernels(TN_OP_ADD_RMS_NORM);
  const tn_norm_params eps{sizeof(eps), 1e-6f};
  const Shape shape{"f32", {5, 576}, TN_SYM_ROWS}, row{"f32", {576}};
  const auto a = random_values(Inputs::outliers, 5 * 576, 1);
  const auto b = random_values(Inputs::normal, 5 * 576, 2),
             w = random_values(Inputs::normal, 576, 3);
  for (std::size_t i = 0; i < fused.size(); ++i) {
    Call both(fused[i]);
    both.in(shape, a).in(shape, b).in(row, w).out(shape).out(shape).params(eps);
    const auto normed = output_of(both, Schedule::whole, 1);
    Call sum(sums[i]);
    sum.in(shape, a).in(shape, b).out(shape);
    const auto added = output_of(sum, Schedule::whole);
    Call norm(norms[i]);
    norm.in(shape, added).in(row, w).out(shape).params(eps);
    EXPECT_TRUE(same_bits(both.result(0), added));
    EXPECT_TRUE(same_bits(output_of(norm, Schedule::whole), normed));
  }
}

}  // namespace
}  // namespace tenon::conformance
