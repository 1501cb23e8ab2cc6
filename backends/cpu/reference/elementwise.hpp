// Elementwise kernels from a function of doubles; rounded once, when stored.
#pragma once

#include "rows.hpp"

namespace tenon::cpu::reference {

template <double (*Function)(double)>
struct Unary {
  static Work plan(const Args& args) { return rows_of_first(args); }

  static void run(const Args& args, unsigned, uint64_t first, uint64_t last, void*) {
    const int64_t n = args.width(0);
    for_rows(first, last, [&](int64_t row) {
      const float* x = row_in<float>(args, 0, row);
      float* y = row_out<float>(args, row);
      for (int64_t i = 0; i < n; ++i) y[i] = static_cast<float>(Function(x[i]));
    });
  }
};

// With `Broadcast` the second operand may be one row for all rows of the first.
template <double (*Function)(double, double), bool Broadcast = false>
struct Binary {
  static Work plan(const Args& args) { return rows_of_first(args); }

  static void run(const Args& args, unsigned, uint64_t first, uint64_t last, void*) {
    const int64_t n = args.width(0);
    const bool one_row = Broadcast && (args.features() & TN_ELEMENTWISE_BROADCAST) != 0;
    for_rows(first, last, [&](int64_t row) {
      const float* a = row_in<float>(args, 0, row);
      const float* b = row_in<float>(args, 1, one_row ? 0 : row);
      float* y = row_out<float>(args, row);
      for (int64_t i = 0; i < n; ++i) y[i] = static_cast<float>(Function(a[i], b[i]));
    });
  }
};

}  // namespace tenon::cpu::reference
