// Q8_0: 8-bit weights times rounded activations.
#include "backends/cpu/simd/kernel_list.hpp"
#include "backends/cpu/simd/layouts/describe.hpp"
#include "backends/cpu/simd/matmul/int8_weights.hpp"

namespace tenon::cpu {
namespace {

using namespace matmul;
using Kind = Int8Weights<Q8_0, WholeBytes, int8::DotS8>;

}  // namespace

constexpr sdk::Layouts<1> k_q8_0_layouts = {
    layout_desc<Kind::Layout>("tenon.cpu.q8_0_x16/1", "q8_0")};

constexpr sdk::Kernels<2> k_q8_0_kernels = {
    projection<Kind, 1, "q8_0", "tenon.cpu.q8_0_x16/1">(TENON_CPU_ID("matmul.q8_0")),
    projection<Kind, 3, "q8_0", "tenon.cpu.q8_0_x16/1">(TENON_CPU_ID("qkv_proj.q8_0"))};

}  // namespace tenon::cpu
