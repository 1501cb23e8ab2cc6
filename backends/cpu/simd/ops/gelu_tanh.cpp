// gelu_tanh: x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3))), arXiv:1606.08415.
#include "backends/cpu/simd/ops/common.hpp"

namespace tenon::cpu {
namespace {

struct GeluTanh : RowOp<GeluTanh> {
  static void rows(const Args& args, int64_t first, int64_t last) {
    const Rows x(args, 0);
    const int64_t n = args.width(0);
    for (int64_t r = first; r < last; ++r)
      simd::map(
          n, args.out<float>() + r * n, [](auto v) { return simd::gelu_tanh(v); }, x[r]);
  }
};

}  // namespace

extern const tn_kernel_desc k_gelu_tanh_kernels[1];
constexpr tn_kernel_desc k_gelu_tanh_kernels[1] = {
    op_kernel<GeluTanh>(TENON_CPU_ID("gelu_tanh"), TN_OP_GELU_TANH).in<"f32">().out<"f32">().desc};

}  // namespace tenon::cpu
