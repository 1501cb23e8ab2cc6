// tn.embed_rows: dequantised rows of a table, one per id.
#pragma once

#include "backends/cpu/formats/table.hpp"
#include "describe.hpp"
#include "rows.hpp"

namespace tenon::cpu::reference {

template <class Format>
struct EmbedRows {
  static Work plan(const Args& args) { return Work().phase(args.extent(1, 0)); }

  static void run(const Args& args, unsigned, uint64_t first, uint64_t last, void*) {
    for_rows(first, last, [&](int64_t token) {
      formats::row<Format>(args.in<uint8_t>(0), args.in<int32_t>(1)[token], args.width(0),
                           row_out<float>(args, token));
    });
  }
};

// It sums nothing and rounds no activation: it has no arithmetic and fits any.
struct EmbedRowsOf {
  template <class Format>
  static consteval Kernel kernel() {
    return reference<EmbedRows<Format>, Name("embed_rows.") + Format::dtype>(TN_OP_EMBED_ROWS)
        .template in<Format::dtype, "i32">()
        .template out<"f32">();
  }
};
inline constexpr auto k_embed_rows_kernels = for_each_format<EmbedRowsOf>(formats::Formats());

}  // namespace tenon::cpu::reference
