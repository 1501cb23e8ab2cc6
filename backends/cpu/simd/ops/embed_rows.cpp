// embed_rows: y[t] = table[ids[t]] in f32, from plain rows and from packed ones.
//   items: rows of ids.
#include <tenon/sdk/kernel.hpp>

#include "backends/cpu/formats/table.hpp"
#include "backends/cpu/simd/formats/list.hpp"
#include "backends/cpu/simd/kernel_list.hpp"
#include "backends/cpu/simd/layouts/columnwise.hpp"
#include "backends/cpu/simd/layouts/formats.hpp"
#include "backends/cpu/simd/layouts/interleaved.hpp"
#include "backends/cpu/simd/simd.hpp"

namespace tenon::cpu {
namespace {

using namespace matmul;

template <class Format>
struct PlainBlocks {
  static void read(const std::byte* table, int64_t k, int64_t row, float* y) {
    formats::row<Format>(reinterpret_cast<const uint8_t*>(table), row, k, y);
  }
};

template <class Format, class Layout>
struct PackedBlocks {
  static void read(const std::byte* table, int64_t k, int64_t row, float* y) {
    const std::byte* group = table + row / k_group * Layout::group_bytes(k);
    const int64_t blocks = k / Format::values;
    for (int64_t b = 0; b < blocks; ++b) {
      std::byte plain[Format::bytes];
      Layout::read_block(group, blocks, b, row % k_group, plain);
      Format::block(reinterpret_cast<const uint8_t*>(plain), y + b * Format::values);
    }
  }
};

inline float widen(float value) { return value; }
inline float widen(simd::F16 value) {
  return formats::to_float(static_cast<formats::Half>(value.bits));
}
inline float widen(simd::Bf16 value) {
  return formats::to_float(static_cast<formats::Bf16>(value.bits));
}

template <class Element, int64_t Distance>
void read_values(const Element* from, int64_t k, float* y) {
  for (int64_t i = 0; i < k; ++i) y[i] = widen(from[i * Distance]);
}

template <class Element>
struct PlainValues {
  static void read(const std::byte* table, int64_t k, int64_t row, float* y) {
    read_values<Element, 1>(reinterpret_cast<const Element*>(table) + row * k, k, y);
  }
};

template <class Element>
struct PackedValues {
  using Layout = Columnwise<Element>;
  static void read(const std::byte* table, int64_t k, int64_t row, float* y) {
    const auto* values = reinterpret_cast<const Element*>(table);
    read_values<Element, Layout::k_rows>(Layout::row_of(values, k, row), k, y);
  }
};

template <class Rows>
struct EmbedRows {
  static sdk::Work plan(const sdk::Args& a) { return sdk::Work().phase(a.extent(1, 0)); }
  static void run(const sdk::Args& a, unsigned, uint64_t first, uint64_t last, void*) {
    const int64_t k = a.width(0);
    for (uint64_t t = first; t < last; ++t)
      Rows::read(a.in<std::byte>(0), k, a.in<int32_t>(1)[t],
                 a.out<float>() + static_cast<int64_t>(t) * k);
  }
};

template <class Rows, sdk::Name DType>
constexpr sdk::Kernel embed(const char* id) {
  return sdk::kernel<EmbedRows<Rows>>(id, TN_OP_EMBED_ROWS)
      .template in<DType, "i32">()
      .template out<"f32">()
      .score(k_score);
}

template <class Format, class Layout, sdk::Name LayoutName>
constexpr tn_kernel_desc packed_blocks() {
  return embed<PackedBlocks<typename Format::Plain, Layout>, Format::Plain::dtype>(
             k_format_id<Format, "embed_rows", "_x16">)
      .template layouts<LayoutName>()
      .desc;
}
template <class Format>
constexpr tn_kernel_desc plain_blocks() {
  return embed<PlainBlocks<typename Format::Plain>, Format::Plain::dtype>(
             k_format_id<Format, "embed_rows">)
      .desc;
}
template <class Element, sdk::Name DType>
constexpr tn_kernel_desc packed_values(const char* id) {
  return embed<PackedValues<Element>, DType>(id)
      .template layouts<sdk::Name("tenon.cpu.") + DType + sdk::Name("_x32/1")>()
      .desc;
}

template <class... Format>
constexpr sdk::Kernels<2 * k_weight_types> kernels(FormatList<Format...>) {
  return {packed_values<float, "f32">(TENON_CPU_ID("embed_rows.f32_x32")),
          packed_values<simd::F16, "f16">(TENON_CPU_ID("embed_rows.f16_x32")),
          packed_values<simd::Bf16, "bf16">(TENON_CPU_ID("embed_rows.bf16_x32")),
          packed_blocks<Q4_1, Interleaved<Q4_1>, "tenon.cpu.q4_1_x16/1">(),
          packed_blocks<Q8_0, Interleaved<Q8_0>, "tenon.cpu.q8_0_x16/1">(),
          packed_blocks<Format, Striped<Format>, k_striped_name<Format>>()...,
          embed<PlainValues<float>, "f32">(TENON_CPU_ID("embed_rows.f32")).desc,
          embed<PlainValues<simd::F16>, "f16">(TENON_CPU_ID("embed_rows.f16")).desc,
          embed<PlainValues<simd::Bf16>, "bf16">(TENON_CPU_ID("embed_rows.bf16")).desc,
          plain_blocks<Q4_1>(),
          plain_blocks<Q8_0>(),
          plain_blocks<Format>()...};
}

}  // namespace

constexpr sdk::Kernels<2 * k_weight_types> k_embed_rows_kernels = kernels(ExpandedFormats());

}  // namespace tenon::cpu
