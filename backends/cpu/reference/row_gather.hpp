// tn.row_gather: the rows of x named by ids.
#pragma once

#include <algorithm>

#include "describe.hpp"
#include "rows.hpp"

namespace tenon::cpu::reference {

struct RowGather {
  static Work plan(const Args& args) { return Work().phase(args.extent(1, 0)); }

  static void run(const Args& args, unsigned, uint64_t first, uint64_t last, void*) {
    for_rows(first, last, [&](int64_t row) {
      const float* x = row_in<float>(args, 0, args.in<int32_t>(1)[row]);
      std::copy_n(x, args.width(0), row_out<float>(args, row));
    });
  }
};

inline constexpr std::array k_row_gather_kernels = {
    reference<RowGather, "row_gather">(TN_OP_ROW_GATHER).in<"f32", "i32">().out<"f32">()};

}  // namespace tenon::cpu::reference
