// gelu_tanh: x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3))), arXiv:1606.08415.
#include "backends/cpu/simd/ops/elementwise.hpp"

namespace tenon::cpu {
namespace {

struct GeluTanh {
  explicit GeluTanh(const Args&) {}
  simd::VecF of(simd::VecF x) const { return simd::gelu_tanh(x); }
};

}  // namespace

constexpr sdk::Kernels<1> k_gelu_tanh_kernels = {
    unary<GeluTanh>(TENON_CPU_ID("gelu_tanh"), TN_OP_GELU_TANH).desc};

}  // namespace tenon::cpu
