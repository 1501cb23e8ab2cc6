// tn.scale: factor * x.
#pragma once

#include "describe.hpp"
#include "rows.hpp"

namespace tenon::cpu::reference {

struct Scale {
  static Work plan(const Args& args) { return rows_of_first(args); }

  static void run(const Args& args, unsigned, uint64_t first, uint64_t last, void*) {
    const float factor = args.params<tn_scale_params>().factor;
    const int64_t n = args.width(0);
    for_rows(first, last, [&](int64_t row) {
      const float* x = row_in<float>(args, 0, row);
      float* y = row_out<float>(args, row);
      for (int64_t i = 0; i < n; ++i) y[i] = factor * x[i];
    });
  }
};

inline constexpr std::array k_scale_kernels = {unary<Scale, "scale">(TN_OP_SCALE)};

}  // namespace tenon::cpu::reference
