// tn.argmax: the index of the largest value of a row, the first of equals.
#pragma once

#include <algorithm>

#include "describe.hpp"
#include "rows.hpp"

namespace tenon::cpu::reference {

struct Argmax {
  static Work plan(const Args& args) { return rows_of_first(args); }

  static void run(const Args& args, unsigned, uint64_t first, uint64_t last, void*) {
    const int64_t n = args.width(0);
    for_rows(first, last, [&](int64_t row) {
      const float* x = row_in<float>(args, 0, row);
      args.out<int32_t>()[row] = static_cast<int32_t>(std::max_element(x, x + n) - x);
    });
  }
};

inline constexpr std::array k_argmax_kernels = {
    reference<Argmax, "argmax">(TN_OP_ARGMAX).in<"f32">().out<"i32">()};

}  // namespace tenon::cpu::reference
