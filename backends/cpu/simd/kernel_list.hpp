// Every kernel and layout of a pack. A file exports constant C arrays of descriptions; to add one:
// declare its array here and name it in k_kernels (or k_layouts). Neither needs start-up code.
#pragma once

#include <tenon/abi/kernels.h>

#include <array>
#include <cstddef>
#include <type_traits>

#include "backends/cpu/simd/variant.hpp"

namespace tenon::cpu {

// Lists are C arrays or std::arrays.
template <class List>
inline constexpr std::size_t k_length = std::extent_v<List>;
template <class Desc, std::size_t Count>
inline constexpr std::size_t k_length<std::array<Desc, Count>> = Count;

// Addresses of all elements, in order: a constant although the elements live in other files.
template <class Desc, class... Lists>
consteval auto addresses(const Lists&... lists) {
  std::array<const Desc*, (k_length<Lists> + ...)> all{};
  std::size_t n = 0;
  const auto add = [&](const auto& list) {
    for (const Desc& desc : list) all[n++] = &desc;
  };
  (add(lists), ...);
  return all;
}

// matmul/<type>.cpp: matmul, qkv_proj
extern const tn_kernel_desc k_f32_kernels[2];
extern const tn_kernel_desc k_f16_kernels[2];
extern const tn_kernel_desc k_bf16_kernels[2];
extern const tn_kernel_desc k_q4_1_kernels[2];
extern const tn_kernel_desc k_q8_0_kernels[2];
extern const tn_layout_desc k_f32_layouts[1];
extern const tn_layout_desc k_f16_layouts[1];
extern const tn_layout_desc k_bf16_layouts[1];
extern const tn_layout_desc k_q4_1_layouts[1];
extern const tn_layout_desc k_q8_0_layouts[1];

// matmul/expanded.cpp: one layout, matmul and qkv_proj per format of formats/list.hpp
inline constexpr std::size_t k_expanded_formats = 11;
using ExpandedLayouts = std::array<tn_layout_desc, k_expanded_formats>;
using ExpandedKernels = std::array<tn_kernel_desc, 2 * k_expanded_formats>;
extern const ExpandedLayouts k_expanded_layouts;
extern const ExpandedKernels k_expanded_kernels;

// embed_rows.cpp: packed and plain, per type
extern const tn_kernel_desc k_embed_rows_kernels[10];
extern const ExpandedKernels k_embed_expanded_kernels;

// ops/*.cpp
extern const tn_kernel_desc k_add_kernels[1];
extern const tn_kernel_desc k_add_rms_norm_kernels[1];
extern const tn_kernel_desc k_attention_kernels[3];
extern const tn_kernel_desc k_copy_kernels[1];
extern const tn_kernel_desc k_geglu_kernels[1];
extern const tn_kernel_desc k_gelu_tanh_kernels[1];
extern const tn_kernel_desc k_kv_write_kernels[3];
extern const tn_kernel_desc k_layer_norm_kernels[1];
extern const tn_kernel_desc k_mul_kernels[1];
extern const tn_kernel_desc k_rms_norm_kernels[2];
extern const tn_kernel_desc k_rope_kernels[1];
extern const tn_kernel_desc k_row_gather_kernels[1];
extern const tn_kernel_desc k_scale_kernels[1];
extern const tn_kernel_desc k_silu_kernels[1];
extern const tn_kernel_desc k_softmax_kernels[1];
extern const tn_kernel_desc k_swiglu_kernels[1];

inline constexpr auto k_kernels = addresses<tn_kernel_desc>(
    k_f32_kernels, k_f16_kernels, k_bf16_kernels, k_q4_1_kernels, k_q8_0_kernels,
    k_expanded_kernels, k_embed_rows_kernels, k_embed_expanded_kernels, k_add_kernels,
    k_add_rms_norm_kernels, k_attention_kernels, k_copy_kernels, k_geglu_kernels,
    k_gelu_tanh_kernels, k_kv_write_kernels, k_layer_norm_kernels, k_mul_kernels,
    k_rms_norm_kernels, k_rope_kernels, k_row_gather_kernels, k_scale_kernels, k_silu_kernels,
    k_softmax_kernels, k_swiglu_kernels);
inline constexpr auto k_layouts =
    addresses<tn_layout_desc>(k_f32_layouts, k_f16_layouts, k_bf16_layouts, k_q4_1_layouts,
                              k_q8_0_layouts, k_expanded_layouts);

}  // namespace tenon::cpu
