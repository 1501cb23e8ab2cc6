// tn.qkv_proj: three matmuls in one, to the bit where the pack has the matmul of that arithmetic.
#include "kernel_test.hpp"
#include "matmul_gates.hpp"
#include "matmul_oracle.hpp"
#include "plugins/conformance/dtypes.hpp"

namespace tenon::conformance {
namespace {

constexpr int64_t k_out_rows[] = {96, 32, 40};

class QkvProjTest : public KernelTest {
 protected:
  std::string dtype_name(unsigned part) const { return GetParam().in_dtype(part); }
  std::vector<uint8_t> weights(unsigned part, int64_t width) const {
    return oracle::random_weights(dtype_name(part), k_out_rows[part] * width, 7 + part);
  }
  // All row counts with one width, three with another, which takes blocks of 256.
  std::vector<std::pair<int64_t, int64_t>> sizes() const {
    std::vector<std::pair<int64_t, int64_t>> all = {{1, 512}, {9, 512}, {64, 512}};
    for (const int64_t tokens : k_row_counts) all.push_back({tokens, 576});
    std::erase_if(all,
                  [&](const auto& size) { return size.second % dtype(dtype_name(0)).values != 0; });
    return all;
  }

  std::optional<std::vector<std::vector<float>>> project(const std::vector<float>& x,
                                                         int64_t width) const {
    const int64_t tokens = std::ssize(x) / width;
    const View view = column_view(x, width);
    Call call(GetParam());
    for (unsigned part = 0; part < 3; ++part) {
      call.weight({dtype_name(part), {k_out_rows[part], width}}, weights(part, width));
    }
    call.in({"f32", {tokens, width}, TN_SYM_ROWS, {view.row_bytes, 4}}, view.parent);
    for (const int64_t rows : k_out_rows) call.out({"f32", {tokens, rows}, TN_SYM_ROWS});
    if (!compute(call)) return std::nullopt;
    return std::vector{call.result(0), call.result(1), call.result(2)};
  }

  // The pack's matmul for one part, if it has the same arithmetic and layout.
  std::optional<std::vector<float>> matmul(unsigned part, const std::vector<float>& x,
                                           int64_t width) const {
    const int64_t tokens = std::ssize(x) / width;
    for (const KernelCase& other : kernel_cases(packs_under_test(), TN_OP_MATMUL)) {
      if (other.pack->path != GetParam().pack->path || other.layout != GetParam().layout ||
          other.in_dtype(0) != dtype_name(part) || other.arithmetic() != GetParam().arithmetic()) {
        continue;
      }
      Call call(other);
      call.weight({dtype_name(part), {k_out_rows[part], width}}, weights(part, width))
          .in({"f32", {tokens, width}, TN_SYM_ROWS}, x)
          .out({"f32", {tokens, k_out_rows[part]}, TN_SYM_ROWS});
      if (compute(call)) return call.result();
    }
    return std::nullopt;
  }
};

TEST_P(QkvProjTest, IsThreeMatmuls) {
  const MatmulGate* gate = gate_of(GetParam().arithmetic());
  ASSERT_NE(gate, nullptr) << "no gate for arithmetic '" << GetParam().arithmetic() << "'";
  Noise noise, ideal;
  for (const auto& [tokens, width] : sizes()) {
    SCOPED_TRACE(testing::Message() << tokens << " rows of " << width);
    const auto x = random_values(Inputs::normal, tokens * width, 3);
    const auto got = project(x, width);
    if (!got.has_value()) continue;
    for (unsigned part = 0; part < 3; ++part) {
      const Problem problem{dtype_name(part), tokens, k_out_rows[part], width, Inputs::normal,
                            7 + part,         3};
      const auto& want = problem.product();
      noise.add(got->at(part), want);
      if (gate->int8_block != 0) {
        const auto& best = problem.product(gate->int8_block);
        ideal.add({best.begin(), best.end()}, want);
      }
      if (const auto alone = matmul(part, x, width)) {
        EXPECT_EQ(got->at(part), *alone) << "part " << part << " differs from tn.matmul";
      }
    }
  }
  ASSERT_GT(noise.signal, 0) << "the kernel declined every size";
  report("nmse", noise.nmse());
  EXPECT_LE(noise.nmse(), gate->int8_block != 0 ? 1.2 * ideal.nmse() : gate->nmse);
}

INSTANTIATE_TEST_SUITE_P(Packs, QkvProjTest, kernels_of(TN_OP_QKV_PROJ), name_of_case);

}  // namespace
}  // namespace tenon::conformance
