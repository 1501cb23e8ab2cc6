// F16: half precision weights times f32 activations.
#include "backends/cpu/simd/kernel_list.hpp"
#include "backends/cpu/simd/layouts/describe.hpp"
#include "backends/cpu/simd/matmul/float_weights.hpp"

namespace tenon::cpu {
namespace {

using namespace matmul;
using Kind = FloatWeights<simd::F16>;

}  // namespace

constexpr sdk::Layouts<1> k_f16_layouts = {layout_desc<Kind::Layout>("tenon.cpu.f16_x32/1", "f16")};

constexpr sdk::Kernels<2> k_f16_kernels = {
    projection<Kind, 1, "f16", "tenon.cpu.f16_x32/1">(TENON_CPU_ID("matmul.f16")),
    projection<Kind, 3, "f16", "tenon.cpu.f16_x32/1">(TENON_CPU_ID("qkv_proj.f16"))};

}  // namespace tenon::cpu
