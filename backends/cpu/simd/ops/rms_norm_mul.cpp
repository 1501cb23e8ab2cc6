// rms_norm_mul: x / sqrt(mean(x^2) + eps) * w over the last axis.
#include "backends/cpu/simd/ops/norm.hpp"

namespace tenon::cpu {
namespace {

struct RmsNormMul : RowOp<RmsNormMul> {
  static void rows(const Args& args, int64_t first, int64_t last) {
    const Rows x(args, 0);
    const int64_t n = args.width(0);
    const float eps = args.params<tn_norm_params>().eps;
    for (int64_t r = first; r < last; ++r)
      rms_norm_mul_row(n, args.out<float>() + r * n, x[r], args.in<float>(1), eps);
  }
};

}  // namespace

constexpr sdk::Kernels<1> k_rms_norm_mul_kernels = {
    op_kernel<RmsNormMul>(TENON_CPU_ID("rms_norm_mul"), TN_OP_RMS_NORM_MUL)
        .in<"f32", "f32">()
        .out<"f32">()
        .desc};

}  // namespace tenon::cpu
