// F16: half precision weights times f32 activations.
#include "backends/cpu/simd/kernel_list.hpp"
#include "backends/cpu/simd/layouts/describe.hpp"
#include "backends/cpu/simd/matmul/float_weights.hpp"

namespace tenon::cpu {
namespace {

using Weights = FloatWeights<simd::F16>;

}  // namespace

constexpr tn_layout_desc k_f16_layouts[1] = {
    layout_desc<Weights::Layout>("tenon.cpu.f16_x32/1", "f16")};

constexpr tn_kernel_desc k_f16_kernels[2] = {
    projection<Weights, 1, "f16", "tenon.cpu.f16_x32/1">(TENON_CPU_ID("matmul.f16")),
    projection<Weights, 3, "f16", "tenon.cpu.f16_x32/1">(TENON_CPU_ID("qkv_proj.f16"))};

}  // namespace tenon::cpu
