// Weights that are expanded to bytes on the way: layout, matmul and qkv_proj of every format.
#include "backends/cpu/simd/formats/list.hpp"
#include "backends/cpu/simd/kernel_list.hpp"
#include "backends/cpu/simd/layouts/describe.hpp"
#include "backends/cpu/simd/matmul/expanded_weights.hpp"

namespace tenon::cpu {
namespace {

template <class Format>
constexpr tn_layout_desc layout() {
  return layout_desc<Striped<Format>>(sdk::k_names<k_striped_name<Format>>[0],
                                      sdk::k_names<Format::Reference::dtype>[0]);
}
template <class Format>
constexpr tn_kernel_desc matmul() {
  return projection<ExpandedWeights<Format>, 1, Format::Reference::dtype, k_striped_name<Format>>(
      k_format_id<Format, "matmul">);
}
template <class Format>
constexpr tn_kernel_desc qkv_proj() {
  return projection<ExpandedWeights<Format>, 3, Format::Reference::dtype, k_striped_name<Format>>(
      k_format_id<Format, "qkv_proj">);
}

template <class... Format>
constexpr ExpandedLayouts layouts(FormatList<Format...>) {
  return {layout<Format>()...};
}
template <class... Format>
constexpr ExpandedKernels kernels(FormatList<Format...>) {
  return {matmul<Format>()..., qkv_proj<Format>()...};
}

}  // namespace

constexpr ExpandedLayouts k_expanded_layouts = layouts(ExpandedFormats());
constexpr ExpandedKernels k_expanded_kernels = kernels(ExpandedFormats());

}  // namespace tenon::cpu
