// rms_norm: x / sqrt(mean(x^2) + eps) over the last axis (arXiv:1910.07467);
// rms_norm_mul also multiplies by w (n).
#include "backends/cpu/simd/ops/norm.hpp"

namespace tenon::cpu {
namespace {

struct RmsNorm : RowOp<RmsNorm> {
  static void rows(const Args& args, int64_t first, int64_t last) {
    const Rows x(args, 0);
    const int64_t n = args.width(0);
    const float eps = args.params<tn_norm_params>().eps;
    for (int64_t r = first; r < last; ++r) {
      const simd::VecF scale = rms_scale(n, x[r], eps);
      simd::map(
          n, args.out<float>() + r * n, [=](auto v) { return v * scale; }, x[r]);
    }
  }
};

struct RmsNormMul : RowOp<RmsNormMul> {
  static void rows(const Args& args, int64_t first, int64_t last) {
    const Rows x(args, 0);
    const int64_t n = args.width(0);
    const float eps = args.params<tn_norm_params>().eps;
    for (int64_t r = first; r < last; ++r) {
      const simd::VecF scale = rms_scale(n, x[r], eps);
      simd::map(
          n, args.out<float>() + r * n, [=](auto v, auto w) { return v * scale * w; }, x[r],
          args.in<float>(1));
    }
  }
};

}  // namespace

extern const tn_kernel_desc k_rms_norm_kernels[2];
constexpr tn_kernel_desc k_rms_norm_kernels[2] = {
    op_kernel<RmsNorm>(TENON_CPU_ID("rms_norm"), TN_OP_RMS_NORM).in<"f32">().out<"f32">().desc,
    op_kernel<RmsNormMul>(TENON_CPU_ID("rms_norm_mul"), TN_OP_RMS_NORM_MUL)
        .in<"f32", "f32">()
        .out<"f32">()
        .desc};

}  // namespace tenon::cpu
