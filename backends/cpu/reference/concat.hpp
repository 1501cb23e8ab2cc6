// tn.concat: the rows of a and b side by side.
#pragma once

#include <algorithm>

#include "describe.hpp"
#include "rows.hpp"

namespace tenon::cpu::reference {

struct Concat {
  static Work plan(const Args& args) { return rows_of_first(args); }

  static void run(const Args& args, unsigned, uint64_t first, uint64_t last, void*) {
    const int64_t m = args.width(0), n = args.width(1);
    for_rows(first, last, [&](int64_t row) {
      float* y = row_out<float>(args, row);
      std::copy_n(row_in<float>(args, 0, row), m, y);
      std::copy_n(row_in<float>(args, 1, row), n, y + m);
    });
  }
};

inline constexpr std::array k_concat_kernels = {binary<Concat, "concat">(TN_OP_CONCAT)};

}  // namespace tenon::cpu::reference
