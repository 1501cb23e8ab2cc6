// swiglu: silu(gate) * up, arXiv:2002.05202.
#include "backends/cpu/simd/ops/common.hpp"

namespace tenon::cpu {
namespace {

struct SwiGlu : RowOp<SwiGlu> {
  static void rows(const Args& args, int64_t first, int64_t last) {
    const Rows gate(args, 0), up(args, 1);
    const int64_t n = args.width(0);
    for (int64_t r = first; r < last; ++r)
      simd::map(
          n, args.out<float>() + r * n, [](auto g, auto u) { return simd::silu(g) * u; }, gate[r],
          up[r]);
  }
};

}  // namespace

extern const tn_kernel_desc k_swiglu_kernels[1];
constexpr tn_kernel_desc k_swiglu_kernels[1] = {
    op_kernel<SwiGlu>(TENON_CPU_ID("swiglu"), TN_OP_SWIGLU).in<"f32", "f32">().out<"f32">().desc};

}  // namespace tenon::cpu
