// scale: factor * x.
#include "backends/cpu/simd/ops/common.hpp"

namespace tenon::cpu {
namespace {

struct Scale : RowOp<Scale> {
  static void rows(const Args& args, int64_t first, int64_t last) {
    const Rows x(args, 0);
    const int64_t n = args.width(0);
    const simd::VecF factor = simd::set1(args.params<tn_scale_params>().factor);
    for (int64_t r = first; r < last; ++r)
      simd::map(
          n, args.out<float>() + r * n, [=](auto v) { return v * factor; }, x[r]);
  }
};

}  // namespace

extern const tn_kernel_desc k_scale_kernels[1];
constexpr tn_kernel_desc k_scale_kernels[1] = {
    op_kernel<Scale>(TENON_CPU_ID("scale"), TN_OP_SCALE).in<"f32">().out<"f32">().desc};

}  // namespace tenon::cpu
