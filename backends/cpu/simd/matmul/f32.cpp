// F32: single precision weights times f32 activations.
#include "backends/cpu/simd/kernel_list.hpp"
#include "backends/cpu/simd/layouts/describe.hpp"
#include "backends/cpu/simd/matmul/float_weights.hpp"

namespace tenon::cpu {
namespace {

using namespace matmul;
using Kind = FloatWeights<float>;

}  // namespace

constexpr sdk::Layouts<1> k_f32_layouts = {layout_desc<Kind::Layout>("tenon.cpu.f32_x32/1", "f32")};

constexpr sdk::Kernels<2> k_f32_kernels = {
    projection<Kind, 1, "f32", "tenon.cpu.f32_x32/1">(TENON_CPU_ID("matmul.f32")),
    projection<Kind, 3, "f32", "tenon.cpu.f32_x32/1">(TENON_CPU_ID("qkv_proj.f32"))};

}  // namespace tenon::cpu
