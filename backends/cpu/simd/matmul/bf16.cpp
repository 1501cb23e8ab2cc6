// BF16: the upper half of single precision weights times f32 activations.
#include "backends/cpu/simd/kernel_list.hpp"
#include "backends/cpu/simd/layouts/describe.hpp"
#include "backends/cpu/simd/matmul/float_weights.hpp"

namespace tenon::cpu {
namespace {

using Weights = FloatWeights<simd::Bf16>;

}  // namespace

constexpr tn_layout_desc k_bf16_layouts[1] = {
    layout_desc<Weights::Layout>("tenon.cpu.bf16_x32/1", "bf16")};

constexpr tn_kernel_desc k_bf16_kernels[2] = {
    projection<Weights, 1, "bf16", "tenon.cpu.bf16_x32/1">(TENON_CPU_ID("matmul.bf16")),
    projection<Weights, 3, "bf16", "tenon.cpu.bf16_x32/1">(TENON_CPU_ID("qkv_proj.bf16"))};

}  // namespace tenon::cpu
