// tn.argmax: the index of the largest value of a row, the first of equals; -1 if there is a NaN
// or an infinity.
#pragma once

#include <algorithm>
#include <cmath>

#include "describe.hpp"
#include "rows.hpp"

namespace tenon::cpu::reference {

struct Argmax {
  static Work plan(const Args& args) { return rows_of_first(args); }

  static void run(const Args& args, unsigned, uint64_t first, uint64_t last, void*) {
    const int64_t n = args.width(0);
    for_rows(first, last, [&](int64_t row) {
      const float* x = row_in<float>(args, 0, row);
      const bool finite = std::all_of(x, x + n, [](float v) { return std::isfinite(v); });
      args.out<int32_t>()[row] = finite ? static_cast<int32_t>(std::max_element(x, x + n) - x) : -1;
    });
  }
};

inline constexpr std::array k_argmax_kernels = {
    reference<Argmax, "argmax">(TN_OP_ARGMAX).in<"f32">().out<"i32">()};

}  // namespace tenon::cpu::reference
