// row_gather: x (T,D), ids (O) i32 -> (O,D). An id outside of x gives a row of zeros.
#include <cstring>

#include "backends/cpu/simd/ops/common.hpp"

namespace tenon::cpu {
namespace {

struct RowGather : RowOp<RowGather> {
  static RowBlocks blocks(const Args& args) {
    RowBlocks b = RowBlocks::of(args, 0);
    b.rows = args.extent(1, 0);
    return b;
  }
  static Work plan(const Args& args) { return Work().phase(blocks(args).items()); }
  static void run(const Args& args, unsigned, uint64_t first, uint64_t last, void*) {
    const RowBlocks b = blocks(args);
    const Rows x(args, 0);
    const int64_t n = args.width(0), n_rows = args.rows(0);
    const size_t bytes = static_cast<size_t>(n) * sizeof(float);
    for (int64_t r = b.begin(first); r < b.begin(last); ++r) {
      const int64_t id = args.in<int32_t>(1)[r];
      float* y = args.out<float>() + r * n;
      if (id >= 0 && id < n_rows)
        std::memcpy(y, x[id], bytes);
      else
        std::memset(y, 0, bytes);
    }
  }
};

}  // namespace

constexpr sdk::Kernels<1> k_row_gather_kernels = {
    op_kernel<RowGather>(TENON_CPU_ID("row_gather"), TN_OP_ROW_GATHER)
        .in<"f32", "i32">()
        .out<"f32">()
        .desc};

}  // namespace tenon::cpu
