// Q8_0: 8-bit weights times rounded activations.
#include "backends/cpu/simd/kernel_list.hpp"
#include "backends/cpu/simd/layouts/describe.hpp"
#include "backends/cpu/simd/matmul/int8_weights.hpp"

namespace tenon::cpu {
namespace {

using Weights = Int8Weights<Q8_0, WholeBytes, int8::DotS8>;

}  // namespace

constexpr tn_layout_desc k_q8_0_layouts[1] = {
    layout_desc<Weights::Layout>("tenon.cpu.q8_0_x16/1", "q8_0")};

constexpr tn_kernel_desc k_q8_0_kernels[2] = {
    projection<Weights, 1, "q8_0", "tenon.cpu.q8_0_x16/1">(TENON_CPU_ID("matmul.q8_0")),
    projection<Weights, 3, "q8_0", "tenon.cpu.q8_0_x16/1">(TENON_CPU_ID("qkv_proj.q8_0"))};

}  // namespace tenon::cpu
