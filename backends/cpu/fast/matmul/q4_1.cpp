// Q4_1: 4-bit weights with a minimum times rounded activations.
#include "backends/cpu/fast/kernel_list.hpp"
#include "backends/cpu/fast/matmul/int8_weights.hpp"

namespace tenon::cpu {
namespace {

using Weights = Int8Weights<Q4_1, NibblePlanes, int8::DotU4>;

}  // namespace

constexpr tn_layout_desc k_q4_1_layouts[1] = {
    layout_desc<Weights::Layout>("tenon.cpu.q4_1_x16/1", "q4_1", k_group)};

constexpr tn_kernel_desc k_q4_1_kernels[2] = {
    sdk::kernel<Projection<Weights, 1>>(TENON_CPU_ID("matmul.q4_1"), TN_OP_MATMUL)
        .in<"q4_1", "f32">()
        .out<"f32">()
        .layouts<"tenon.cpu.q4_1_x16/1">()
        .arithmetic(k_int8_arithmetic)
        .score(k_score)
        .desc,
    sdk::kernel<Projection<Weights, 3>>(TENON_CPU_ID("qkv_proj.q4_1"), TN_OP_QKV_PROJ)
        .in<"q4_1", "q4_1", "q4_1", "f32">()
        .out<"f32", "f32", "f32">()
        .layouts<"tenon.cpu.q4_1_x16/1">()
        .arithmetic(k_int8_arithmetic)
        .score(k_score)
        .desc};

}  // namespace tenon::cpu
