// Weights that are expanded to bytes on the way: layout, matmul and qkv_proj of every format.
#include "backends/cpu/simd/kernel_list.hpp"
#include "backends/cpu/simd/layouts/describe.hpp"
#include "backends/cpu/simd/matmul/expanded_weights.hpp"

namespace tenon::cpu {
namespace {

using namespace matmul;

template <class Format>
constexpr tn_layout_desc layout_of() {
  return layout_desc<Striped<Format>>(sdk::k_names<k_striped_name<Format>>[0],
                                      sdk::k_names<Format::Plain::dtype>[0]);
}
template <class Format>
constexpr tn_kernel_desc matmul_of() {
  return projection<ExpandedWeights<Format>, 1, Format::Plain::dtype, k_striped_name<Format>>(
      k_format_id<Format, "matmul">);
}
template <class Format>
constexpr tn_kernel_desc qkv_proj_of() {
  return projection<ExpandedWeights<Format>, 3, Format::Plain::dtype, k_striped_name<Format>>(
      k_format_id<Format, "qkv_proj">);
}

template <class... Format>
constexpr sdk::Layouts<k_expanded_formats> layouts(FormatList<Format...>) {
  return {layout_of<Format>()...};
}
template <class... Format>
constexpr sdk::Kernels<2 * k_expanded_formats> kernels(FormatList<Format...>) {
  return {matmul_of<Format>()..., qkv_proj_of<Format>()...};
}

}  // namespace

constexpr sdk::Layouts<k_expanded_formats> k_expanded_layouts = layouts(ExpandedFormats());
constexpr sdk::Kernels<2 * k_expanded_formats> k_expanded_kernels = kernels(ExpandedFormats());

}  // namespace tenon::cpu
