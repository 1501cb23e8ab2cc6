// One row per type; the block formats are those of GGUF.
#include "backends/gpu/layouts/weight_type.hpp"

namespace tenon::gpu {
namespace {

using sdk::Name;

constexpr Field k_f32[] = {{0, 128}};
constexpr Field k_f16[] = {{0, 64}};
constexpr Field k_q8_0[] = {{2, 32}, {0, 2}};          // values, d
constexpr Field k_q4_0[] = {{2, 16}, {0, 2}};          // nibbles, d
constexpr Field k_q4_1[] = {{4, 16}, {0, 4}};          // nibbles, {d, m}
constexpr Field k_q5_0[] = {{6, 16}, {2, 4}, {0, 2}};  // nibbles, fifth bits, d
constexpr Field k_q5_1[] = {{8, 16}, {4, 4}, {0, 4}};  // nibbles, fifth bits, {d, m}
constexpr Field k_q4_k[] = {{0, 144}};                 // {d, dmin, scales}, nibbles
constexpr Field k_q5_k[] = {{0, 176}};                 // {d, dmin, scales}, fifth bits, nibbles
constexpr Field k_q6_k[] = {{0, 208}, {208, 2}};       // nibbles, bit pairs, scales; d
constexpr Field k_q3_k[] = {{0, 96}, {96, 4}, {100, 4}, {104, 4}, {108, 2}};  // bits; scales; d
constexpr Field k_iq4_xs[] = {{8, 128}, {0, 4}, {4, 4}};  // nibbles; {d, high bits}, low bits
constexpr Field k_tq2_0[] = {{0, 64}, {64, 2}};           // bit pairs; d

template <Name Dtype>
constexpr WeightType type(Arithmetic arithmetic, uint32_t values, uint32_t bytes, uint32_t unit,
                          std::span<const Field> fields) {
  return {sdk::k_names<Dtype>[0],
          arithmetic,
          values,
          bytes,
          unit,
          fields,
          sdk::k_names<Name("matmul_") + Dtype>[0],
          sdk::k_names<Name("matmul_") + Dtype + Name("_joined")>[0],
          sdk::k_names<Name("embed_rows_") + Dtype>[0]};
}

constexpr auto k_float = Arithmetic::float_seg16;
constexpr auto k_int8 = Arithmetic::int8x16_seg16;

constexpr WeightType k_types[] = {
    type<"f32">(k_float, 32, 128, 1, k_f32),    type<"f16">(k_float, 32, 64, 1, k_f16),
    type<"bf16">(k_float, 32, 64, 1, k_f16),    type<"q8_0">(k_int8, 32, 34, 1, k_q8_0),
    type<"q4_0">(k_int8, 32, 18, 1, k_q4_0),    type<"q4_1">(k_int8, 32, 20, 1, k_q4_1),
    type<"q5_0">(k_int8, 32, 22, 1, k_q5_0),    type<"q5_1">(k_int8, 32, 24, 1, k_q5_1),
    type<"q4_K">(k_int8, 256, 144, 2, k_q4_k),  type<"q5_K">(k_int8, 256, 176, 2, k_q5_k),
    type<"q6_K">(k_int8, 256, 210, 4, k_q6_k),  type<"q3_K">(k_int8, 256, 110, 4, k_q3_k),
    type<"iq4_nl">(k_int8, 32, 18, 1, k_q4_0),  type<"iq4_xs">(k_int8, 256, 136, 1, k_iq4_xs),
    type<"tq2_0">(k_int8, 256, 66, 4, k_tq2_0),
};

}  // namespace

const WeightType* find_weight_type(std::string_view dtype) {
  for (const WeightType& type : k_types)
    if (dtype == type.dtype) return &type;
  return nullptr;
}

std::span<const WeightType> weight_types() { return k_types; }

}  // namespace tenon::gpu
