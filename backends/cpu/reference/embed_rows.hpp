// tn.embed_rows: dequantised rows of a table, one per id.
#pragma once

#include "dequant/table.hpp"
#include "rows.hpp"

namespace tenon::cpu::reference {

template <class Format>
struct EmbedRows {
  static Work plan(const Args& args) { return Work().phase(args.extent(1, 0)); }

  static void run(const Args& args, unsigned, uint64_t first, uint64_t last, void*) {
    for_rows(first, last, [&](int64_t token) {
      dequant::row<Format>(args.in<uint8_t>(0), args.in<int32_t>(1)[token], args.width(0),
                           row_out<float>(args, token));
    });
  }
};

}  // namespace tenon::cpu::reference
