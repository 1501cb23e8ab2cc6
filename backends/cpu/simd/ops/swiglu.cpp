// swiglu: silu(gate) * up, arXiv:2002.05202.
#include "backends/cpu/simd/ops/elementwise.hpp"

namespace tenon::cpu {
namespace {

struct Swiglu {
  static simd::VecF of(simd::VecF gate, simd::VecF up) { return simd::silu(gate) * up; }
};

}  // namespace

constexpr sdk::Kernels<1> k_swiglu_kernels = {
    binary<Swiglu>(TENON_CPU_ID("swiglu"), TN_OP_SWIGLU).desc};

}  // namespace tenon::cpu
