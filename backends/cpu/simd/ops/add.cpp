// add: a + b; b has the shape of a, or is one row for all rows of a.
#include "backends/cpu/simd/ops/common.hpp"

namespace tenon::cpu {
namespace {

struct Add : RowOp<Add> {
  static void rows(const Args& args, int64_t first, int64_t last) {
    const Rows a(args, 0), b(args, 1);
    const int64_t n = args.width(0);
    const bool broadcast = (args.features() & TN_ELEMENTWISE_BROADCAST) != 0;
    for (int64_t r = first; r < last; ++r)
      simd::map(
          n, args.out<float>() + r * n, [](auto x, auto y) { return x + y; }, a[r],
          b[broadcast ? 0 : r]);
  }
};

}  // namespace

extern const tn_kernel_desc k_add_kernels[1];
constexpr tn_kernel_desc k_add_kernels[1] = {op_kernel<Add>(TENON_CPU_ID("add"), TN_OP_ADD)
                                                 .in<"f32", "f32">()
                                                 .out<"f32">()
                                                 .features(TN_ELEMENTWISE_BROADCAST)
                                                 .desc};

}  // namespace tenon::cpu
