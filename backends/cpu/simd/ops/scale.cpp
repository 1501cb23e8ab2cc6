// scale: factor * x.
#include "backends/cpu/simd/ops/elementwise.hpp"

namespace tenon::cpu {
namespace {

struct Scale {
  explicit Scale(const Args& args) : factor(simd::set1(args.params<tn_scale_params>().factor)) {}
  simd::VecF of(simd::VecF x) const { return x * factor; }
  simd::VecF factor;
};

}  // namespace

constexpr sdk::Kernels<1> k_scale_kernels = {unary<Scale>(TENON_CPU_ID("scale"), TN_OP_SCALE).desc};

}  // namespace tenon::cpu
