// silu: x / (1 + exp(-x)).
#include "backends/cpu/simd/ops/elementwise.hpp"

namespace tenon::cpu {
namespace {

struct Silu {
  explicit Silu(const Args&) {}
  simd::VecF of(simd::VecF x) const { return simd::silu(x); }
};

}  // namespace

constexpr sdk::Kernels<1> k_silu_kernels = {unary<Silu>(TENON_CPU_ID("silu"), TN_OP_SILU).desc};

}  // namespace tenon::cpu
