// softcap: cap * tanh(x / cap).
#include "backends/cpu/simd/ops/elementwise.hpp"

namespace tenon::cpu {
namespace {

struct Softcap {
  explicit Softcap(const Args& args) : cap(simd::set1(args.params<tn_softcap_params>().cap)) {}
  simd::VecF of(simd::VecF x) const { return simd::tanh(x / cap) * cap; }
  simd::VecF cap;
};

}  // namespace

constexpr sdk::Kernels<1> k_softcap_kernels = {
    unary<Softcap>(TENON_CPU_ID("softcap"), TN_OP_SOFTCAP).desc};

}  // namespace tenon::cpu
