// rms_norm: x / sqrt(mean(x^2) + eps) over the last axis (arXiv:1910.07467).
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

}  // namespace

constexpr sdk::Kernels<1> k_rms_norm_kernels = {
    op_kernel<RmsNorm>(TENON_CPU_ID("rms_norm"), TN_OP_RMS_NORM).in<"f32">().out<"f32">().desc};

}  // namespace tenon::cpu
