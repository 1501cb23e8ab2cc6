// Q8_0: 8-bit weights times rounded activations.
#include "backends/cpu/fast/kernel_list.hpp"
#include "backends/cpu/fast/matmul/int8_weights.hpp"

namespace tenon::cpu {
namespace {

using Weights = Int8Weights<Q8_0, WholeBytes, int8::DotS8>;

}  // namespace

constexpr tn_layout_desc k_q8_0_layouts[1] = {
    layout_desc<Weights::Layout>("tenon.cpu.q8_0_x16/1", "q8_0", k_group)};

constexpr tn_kernel_desc k_q8_0_kernels[2] = {
    sdk::kernel<Projection<Weights, 1>>(TENON_CPU_ID("matmul.q8_0"), TN_OP_MATMUL)
        .in<"q8_0", "f32">()
        .out<"f32">()
        .layouts<"tenon.cpu.q8_0_x16/1">()
        .arithmetic(k_int8_arithmetic)
        .score(k_score)
        .desc,
    sdk::kernel<Projection<Weights, 3>>(TENON_CPU_ID("qkv_proj.q8_0"), TN_OP_QKV_PROJ)
        .in<"q8_0", "q8_0", "q8_0", "f32">()
        .out<"f32", "f32", "f32">()
        .layouts<"tenon.cpu.q8_0_x16/1">()
        .arithmetic(k_int8_arithmetic)
        .score(k_score)
        .desc};

}  // namespace tenon::cpu
