// geglu: gelu_tanh(gate) * up, arXiv:2002.05202.
#include "backends/cpu/simd/ops/elementwise.hpp"

namespace tenon::cpu {
namespace {

struct Geglu {
  static simd::VecF of(simd::VecF gate, simd::VecF up) { return simd::gelu_tanh(gate) * up; }
};

}  // namespace

constexpr sdk::Kernels<1> k_geglu_kernels = {
    binary<Geglu>(TENON_CPU_ID("geglu"), TN_OP_GEGLU).desc};

}  // namespace tenon::cpu
