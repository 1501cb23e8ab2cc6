// add_rms_norm: sum = a + b, normed = sum / sqrt(mean(sum^2) + eps) * w: what add and rms_norm_mul
// give one after the other, bit by bit.
#include "backends/cpu/simd/ops/norm.hpp"

namespace tenon::cpu {
namespace {

struct AddRmsNorm : RowOp<AddRmsNorm> {
  static void rows(const Args& args, int64_t first, int64_t last) {
    const Rows a(args, 0), b(args, 1);
    const int64_t n = args.width(0);
    const float eps = args.params<tn_norm_params>().eps;
    for (int64_t r = first; r < last; ++r) {
      float* sum = args.out<float>(0) + r * n;
      simd::map(
          n, sum, [](auto x, auto y) { return x + y; }, a[r], b[r]);
      rms_norm_mul_row(n, args.out<float>(1) + r * n, sum, args.in<float>(2), eps);
    }
  }
};

}  // namespace

constexpr sdk::Kernels<1> k_add_rms_norm_kernels = {
    op_kernel<AddRmsNorm>(TENON_CPU_ID("add_rms_norm"), TN_OP_ADD_RMS_NORM)
        .in<"f32", "f32", "f32">()
        .out<"f32", "f32">()
        .desc};

}  // namespace tenon::cpu
