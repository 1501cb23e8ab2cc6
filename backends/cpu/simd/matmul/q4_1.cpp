// Q4_1: 4-bit weights with a minimum times rounded activations.
#include "backends/cpu/simd/kernel_list.hpp"
#include "backends/cpu/simd/layouts/describe.hpp"
#include "backends/cpu/simd/matmul/int8_weights.hpp"

namespace tenon::cpu {
namespace {

using namespace matmul;
using Kind = Int8Weights<Q4_1, NibblePlanes, int8::DotU5>;

}  // namespace

constexpr sdk::Layouts<1> k_q4_1_layouts = {
    layout_desc<Kind::Layout>("tenon.cpu.q4_1_x16/1", "q4_1")};

constexpr sdk::Kernels<2> k_q4_1_kernels = {
    projection<Kind, 1, "q4_1", "tenon.cpu.q4_1_x16/1">(TENON_CPU_ID("matmul.q4_1")),
    projection<Kind, 3, "q4_1", "tenon.cpu.q4_1_x16/1">(TENON_CPU_ID("qkv_proj.q4_1"))};

}  // namespace tenon::cpu
