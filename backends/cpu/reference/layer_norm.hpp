// tn.layer_norm: (x - mean) / sqrt(var + eps) over the last axis.
#pragma once

#include <cmath>

#include "describe.hpp"
#include "rows.hpp"

namespace tenon::cpu::reference {

inline void layer_norm_row(const float* x, double eps, int64_t n, float* y) {
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < n; ++i) sum += x[i];
  const double mean = sum / static_cast<double>(n);
  for (int64_t i = 0; i < n; ++i) squares += (x[i] - mean) * (x[i] - mean);
  const double root = std::sqrt(squares / static_cast<double>(n) + eps);
  for (int64_t i = 0; i < n; ++i) y[i] = static_cast<float>((x[i] - mean) / root);
}

struct LayerNorm {
  static Work plan(const Args& args) { return rows_of_first(args); }

  static void run(const Args& args, unsigned, uint64_t first, uint64_t last, void*) {
    const double eps = args.params<tn_norm_params>().eps;
    for_rows(first, last, [&](int64_t row) {
      layer_norm_row(row_in<float>(args, 0, row), eps, args.width(0), row_out<float>(args, row));
    });
  }
};

inline constexpr std::array k_layer_norm_kernels = {
    unary<LayerNorm, "layer_norm">(TN_OP_LAYER_NORM)};

}  // namespace tenon::cpu::reference
