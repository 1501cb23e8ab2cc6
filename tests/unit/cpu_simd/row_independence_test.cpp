// A row alone gives the bits it gives among others, for every op that reduces or rounds.
#include "fast_kernels.hpp"
#include "framework/graph/op_table.hpp"

namespace tenon::conformance {
namespace {

constexpr int64_t k_rows = 37;  // several items of several rows
constexpr int64_t k_widths[] = {1, 31, 64, 576, 1500};

// Rows of a, of b, or one row for all: what an operand of f32 values is.
using Operands = std::vector<bool>;  // whether it has rows

// The operands of a row-wise op, from its shape rule; empty for ops of another kind.
Operands operands_of(const OpInfo& op, const void* params) {
  if (op.operands.find_first_not_of('f') != std::string_view::npos) return {};
  Value rows, row;
  rows.shape = make_shape({0, 8}, TN_SYM_ROWS);
  row.shape = make_shape({8});
  Operands all(op.max_in(), true);
  for (std::size_t n_rows = op.max_in(); n_rows > 0; --n_rows) {  // the last ones may be one row
    std::vector<const Value*> in(op.max_in(), &row);
    std::fill_n(in.begin(), n_rows, &rows);
    const auto made = op.infer({op, in, params, 0});
    if (!made || made->front().shape != rows.shape) continue;
    std::fill(all.begin() + static_cast<std::ptrdiff_t>(n_rows), all.end(), false);
    return all;
  }
  return {};
}

// Parameters of a row-wise op are floats: any will do here.
std::vector<float> params_of(const OpInfo& op) {
  std::vector<float> params(op.params_size / sizeof(float), 0.5f);
  if (!params.empty()) std::memcpy(params.data(), &op.params_size, sizeof(op.params_size));
  return params;
}

std::vector<float> run_rows(const KernelCase& kernel, const OpInfo& op, const Operands& operands,
                            int64_t first, int64_t count, int64_t width) {
  const auto params = params_of(op);
  const Shape shape{"f32", {count, width}, TN_SYM_ROWS};
  Call call(kernel);
  for (std::size_t i = 0; i < operands.size(); ++i) {
    const auto x = random_values(i == 0 ? Inputs::outliers : Inputs::normal, k_rows * width,
                                 static_cast<uint32_t>(i));
    if (operands[i])
      call.in(shape, rows_of(x, first, count, width));
    else
      call.in({"f32", {width}}, rows_of(x, 0, 1, width));
  }
  if (!params.empty()) call.params(params);
  for (uint32_t i = 0; i < op.n_out; ++i) call.out(shape);
  return output_of(call, Schedule::pieces, op.n_out - 1);
}

TEST(RowIndependence, OneRowAloneEqualsItselfAmongOthers) {
  int ops = 0;
  for (const OpInfo& op : all_ops()) {
    const auto params = params_of(op);
    const Operands operands = operands_of(op, params.data());
    if (operands.empty()) continue;
    ++ops;
    for (const KernelCase& kernel : kernels_of_simd_packs(op.name.data())) {
      for (const int64_t width : k_widths) {
        const auto together = run_rows(kernel, op, operands, 0, k_rows, width);
        for (const int64_t row : {int64_t{0}, int64_t{7}, k_rows - 1})
          EXPECT_TRUE(same_bits(run_rows(kernel, op, operands, row, 1, width),
                                rows_of(together, row, 1, width)))
              << kernel.name() << " row " << row << " of width " << width;
      }
    }
  }
  EXPECT_GE(ops, 12);
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
