// F32: single precision weights times f32 activations.
#include "backends/cpu/simd/kernel_list.hpp"
#include "backends/cpu/simd/layouts/describe.hpp"
#include "backends/cpu/simd/matmul/float_weights.hpp"

namespace tenon::cpu {
namespace {

using Weights = FloatWeights<float>;

}  // namespace

constexpr tn_layout_desc k_f32_layouts[1] = {
    layout_desc<Weights::Layout>("tenon.cpu.f32_x32/1", "f32")};

constexpr tn_kernel_desc k_f32_kernels[2] = {
    projection<Weights, 1, "f32", "tenon.cpu.f32_x32/1">(TENON_CPU_ID("matmul.f32")),
    projection<Weights, 3, "f32", "tenon.cpu.f32_x32/1">(TENON_CPU_ID("qkv_proj.f32"))};

}  // namespace tenon::cpu
