// silu: x / (1 + exp(-x)).
#include "backends/cpu/simd/ops/common.hpp"

namespace tenon::cpu {
namespace {

struct Silu : RowOp<Silu> {
  static void rows(const Args& args, int64_t first, int64_t last) {
    const Rows x(args, 0);
    const int64_t n = args.width(0);
    for (int64_t r = first; r < last; ++r)
      simd::map(
          n, args.out<float>() + r * n, [](auto v) { return simd::silu(v); }, x[r]);
  }
};

}  // namespace

extern const tn_kernel_desc k_silu_kernels[1];
constexpr tn_kernel_desc k_silu_kernels[1] = {
    op_kernel<Silu>(TENON_CPU_ID("silu"), TN_OP_SILU).in<"f32">().out<"f32">().desc};

}  // namespace tenon::cpu
