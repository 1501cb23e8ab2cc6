// layer_norm: (x - mean) / sqrt(var + eps) over the last axis (arXiv:1607.06450), in two passes.
#include "backends/cpu/simd/ops/norm.hpp"

namespace tenon::cpu {
namespace {

struct LayerNorm : RowOp<LayerNorm> {
  static void rows(const Args& args, int64_t first, int64_t last) {
    const Rows x(args, 0);
    const int64_t n = args.width(0);
    const float eps = args.params<tn_norm_params>().eps;
    for (int64_t r = first; r < last; ++r) {
      float* y = args.out<float>() + r * n;
      const float total = simd::sum(n, x[r], [](auto v, auto s) { return v + s; });
      const simd::VecF mean = simd::set1(total / static_cast<float>(n));
      simd::map(
          n, y, [=](auto v) { return v - mean; }, x[r]);
      const simd::VecF scale = rms_scale(n, y, eps);
      simd::map(
          n, y, [=](auto v) { return v * scale; }, y);
    }
  }
};

}  // namespace

constexpr sdk::Kernels<1> k_layer_norm_kernels = {
    op_kernel<LayerNorm>(TENON_CPU_ID("layer_norm"), TN_OP_LAYER_NORM)
        .in<"f32">()
        .out<"f32">()
        .desc};

}  // namespace tenon::cpu
