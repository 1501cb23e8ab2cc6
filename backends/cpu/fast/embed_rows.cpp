// embed_rows: y[t] = table[ids[t]] in f32, from plain rows and from packed ones.
//   items: rows of ids.
#include <tenon/sdk/kernel.hpp>

#include "backends/cpu/fast/kernel_list.hpp"
#include "backends/cpu/fast/layouts/columnwise.hpp"
#include "backends/cpu/fast/layouts/formats.hpp"
#include "backends/cpu/fast/layouts/interleaved.hpp"
#include "backends/cpu/fast/simd.hpp"

namespace tenon::cpu {
namespace {

template <class Format>
struct PlainBlocks {
  static void read(const std::byte* table, int64_t k, int64_t row, float* y) {
    constexpr int64_t bytes = Interleaved<Format>::k_plain_bytes;
    const std::byte* block = table + row * (k / k_block) * bytes;
    for (int64_t i = 0; i < k; i += k_block, block += bytes) Format::expand(block, y + i);
  }
};

template <class Format>
struct PackedBlocks {
  using Layout = Interleaved<Format>;
  static void read(const std::byte* table, int64_t k, int64_t row, float* y) {
    const std::byte* group = table + row / k_group * Layout::group_bytes(k);
    const int64_t blocks = k / k_block;
    for (int64_t b = 0; b < blocks; ++b) {
      std::byte plain[Layout::k_plain_bytes];
      Layout::read_block(group, blocks, b, row % k_group, plain);
      Format::expand(plain, y + b * k_block);
    }
  }
};

inline float widen(float value) { return value; }
inline float widen(simd::F16 value) { return _cvtsh_ss(value.bits); }

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

}  // namespace

constexpr tn_kernel_desc k_embed_rows_kernels[8] = {
    embed<PackedValues<float>, "f32">(TENON_CPU_ID("embed_rows.f32_x32"))
        .layouts<"tenon.cpu.f32_x32/1">()
        .desc,
    embed<PackedValues<simd::F16>, "f16">(TENON_CPU_ID("embed_rows.f16_x32"))
        .layouts<"tenon.cpu.f16_x32/1">()
        .desc,
    embed<PackedBlocks<Q4_1>, "q4_1">(TENON_CPU_ID("embed_rows.q4_1_x16"))
        .layouts<"tenon.cpu.q4_1_x16/1">()
        .desc,
    embed<PackedBlocks<Q8_0>, "q8_0">(TENON_CPU_ID("embed_rows.q8_0_x16"))
        .layouts<"tenon.cpu.q8_0_x16/1">()
        .desc,
    embed<PlainValues<float>, "f32">(TENON_CPU_ID("embed_rows.f32")).desc,
    embed<PlainValues<simd::F16>, "f16">(TENON_CPU_ID("embed_rows.f16")).desc,
    embed<PlainBlocks<Q4_1>, "q4_1">(TENON_CPU_ID("embed_rows.q4_1")).desc,
    embed<PlainBlocks<Q8_0>, "q8_0">(TENON_CPU_ID("embed_rows.q8_0")).desc,
};

}  // namespace tenon::cpu
