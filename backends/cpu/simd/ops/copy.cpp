// copy: x (any strides) -> dense.
#include <cstring>

#include "backends/cpu/simd/ops/common.hpp"

namespace tenon::cpu {
namespace {

struct Copy : RowOp<Copy> {
  static tn_status check(const tn_node_query&) { return TN_OK; }
  static void rows(const Args& args, int64_t first, int64_t last) {
    const Rows x(args, 0);
    const tn_tensor& t = args.tensor(0);
    const int64_t n = args.width(0);
    const int64_t step = t.stride[t.rank - 1] / static_cast<int64_t>(sizeof(float));
    for (int64_t r = first; r < last; ++r) {
      const float* from = x[r];
      float* to = args.out<float>() + r * n;
      if (step == 1)
        std::memcpy(to, from, static_cast<size_t>(n) * sizeof(float));
      else
        for (int64_t i = 0; i < n; ++i) to[i] = from[i * step];
    }
  }
};

}  // namespace

constexpr sdk::Kernels<1> k_copy_kernels = {
    op_kernel<Copy>(TENON_CPU_ID("copy"), TN_OP_COPY).in<"f32">().out<"f32">().desc};

}  // namespace tenon::cpu
