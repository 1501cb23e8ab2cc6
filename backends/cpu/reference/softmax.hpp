// tn.softmax: over the last axis; a row of nothing but -infinity gives zeros.
#pragma once

#include <algorithm>
#include <cmath>

#include "describe.hpp"
#include "rows.hpp"

namespace tenon::cpu::reference {

inline void softmax_row(const float* x, int64_t n, float* y) {
  const double max = *std::max_element(x, x + n);
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += std::isinf(x[i]) && x[i] < 0 ? 0.0 : std::exp(x[i] - max);
  for (int64_t i = 0; i < n; ++i) {
    const bool masked = std::isinf(x[i]) && x[i] < 0;
    y[i] = masked ? 0.0f : static_cast<float>(std::exp(x[i] - max) / sum);
  }
}

struct Softmax {
  static Work plan(const Args& args) { return rows_of_first(args); }

  static void run(const Args& args, unsigned, uint64_t first, uint64_t last, void*) {
    for_rows(first, last, [&](int64_t row) {
      softmax_row(row_in<float>(args, 0, row), args.width(0), row_out<float>(args, row));
    });
  }
};

inline constexpr std::array k_softmax_kernels = {unary<Softmax, "softmax">(TN_OP_SOFTMAX)};

}  // namespace tenon::cpu::reference
