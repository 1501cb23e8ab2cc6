// Q4_1: 4-bit weights with a minimum times rounded activations.
#include "backends/cpu/simd/kernel_list.hpp"
#include "backends/cpu/simd/layouts/describe.hpp"
#include "backends/cpu/simd/matmul/int8_weights.hpp"

namespace tenon::cpu {
namespace {

using Weights = Int8Weights<Q4_1, NibblePlanes, int8::DotU5>;

}  // namespace

constexpr tn_layout_desc k_q4_1_layouts[1] = {
    layout_desc<Weights::Layout>("tenon.cpu.q4_1_x16/1", "q4_1")};

constexpr tn_kernel_desc k_q4_1_kernels[2] = {
    projection<Weights, 1, "q4_1", "tenon.cpu.q4_1_x16/1">(TENON_CPU_ID("matmul.q4_1")),
    projection<Weights, 3, "q4_1", "tenon.cpu.q4_1_x16/1">(TENON_CPU_ID("qkv_proj.q4_1"))};

}  // namespace tenon::cpu
