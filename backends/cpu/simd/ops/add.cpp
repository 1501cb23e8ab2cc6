// add: a + b; b has the shape of a, or is one row for all rows of a.
#include "backends/cpu/simd/ops/elementwise.hpp"

namespace tenon::cpu {
namespace {

struct Add {
  static simd::VecF of(simd::VecF x, simd::VecF y) { return x + y; }
};

}  // namespace

constexpr sdk::Kernels<1> k_add_kernels = {
    binary<Add>(TENON_CPU_ID("add"), TN_OP_ADD).features(TN_ELEMENTWISE_BROADCAST).desc};

}  // namespace tenon::cpu
