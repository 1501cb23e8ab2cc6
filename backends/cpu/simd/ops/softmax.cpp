// softmax over the last axis: exp(x - max) / sum; a row of -infinity only gives zeros.
#include "backends/cpu/simd/ops/common.hpp"

namespace tenon::cpu {
namespace {

float row_max(int64_t n, const float* x) {
  simd::VecF top = simd::set1(-simd::k_infinity);
  int64_t i = 0;
  for (; i + simd::k_width <= n; i += simd::k_width) top = simd::max(top, simd::load(x + i));
  float best = simd::reduce_max(top);
  for (; i < n; ++i) best = std::max(best, x[i]);
  return best;
}

void softmax_row(int64_t n, const float* x, float* y) {
  const float top = row_max(n, x);
  if (top == -simd::k_infinity) return std::fill(y, y + n, 0.0f);
  const simd::VecF shift = simd::set1(top);
  simd::map(
      n, y, [=](auto v) { return simd::exp(v - shift); }, x);
  const float total = simd::sum(n, y, [](auto v, auto s) { return v + s; });
  const simd::VecF divisor = simd::set1(total);
  simd::map(
      n, y, [=](auto v) { return v / divisor; }, y);
}

struct Softmax : RowOp<Softmax> {
  static void rows(const Args& args, int64_t first, int64_t last) {
    const Rows x(args, 0);
    const int64_t n = args.width(0);
    for (int64_t r = first; r < last; ++r) softmax_row(n, x[r], args.out<float>() + r * n);
  }
};

}  // namespace

constexpr sdk::Kernels<1> k_softmax_kernels = {
    op_kernel<Softmax>(TENON_CPU_ID("softmax"), TN_OP_SOFTMAX).in<"f32">().out<"f32">().desc};

}  // namespace tenon::cpu
