// mul: a * b; b has the shape of a, or is one row for all rows of a.
#include "backends/cpu/simd/ops/elementwise.hpp"

namespace tenon::cpu {
namespace {

struct Mul {
  static simd::VecF of(simd::VecF x, simd::VecF y) { return x * y; }
};

}  // namespace

constexpr sdk::Kernels<1> k_mul_kernels = {
    binary<Mul>(TENON_CPU_ID("mul"), TN_OP_MUL).features(TN_ELEMENTWISE_BROADCAST).desc};

}  // namespace tenon::cpu
