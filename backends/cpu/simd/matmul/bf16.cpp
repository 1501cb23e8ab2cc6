// BF16: the upper half of single precision weights times f32 activations.
#include "backends/cpu/simd/kernel_list.hpp"
#include "backends/cpu/simd/layouts/describe.hpp"
#include "backends/cpu/simd/matmul/float_weights.hpp"

namespace tenon::cpu {
namespace {

using namespace matmul;
using Kind = FloatWeights<simd::Bf16>;

}  // namespace

constexpr sdk::Layouts<1> k_bf16_layouts = {
    layout_desc<Kind::Layout>("tenon.cpu.bf16_x32/1", "bf16")};

constexpr sdk::Kernels<2> k_bf16_kernels = {
    projection<Kind, 1, "bf16", "tenon.cpu.bf16_x32/1">(TENON_CPU_ID("matmul.bf16")),
    projection<Kind, 3, "bf16", "tenon.cpu.bf16_x32/1">(TENON_CPU_ID("qkv_proj.bf16"))};

}  // namespace tenon::cpu
