// tn.rms_norm: x / sqrt(mean(x^2) + eps) over the last axis.
#pragma once

#include <cmath>

#include "describe.hpp"
#include "rows.hpp"

namespace tenon::cpu::reference {

// weight may be null: no gain.
inline void rms_norm_row(const float* x, const float* weight, double eps, int64_t n, float* y) {
  double squares = 0;
  for (int64_t i = 0; i < n; ++i) squares += static_cast<double>(x[i]) * x[i];
  const double root = std::sqrt(squares / static_cast<double>(n) + eps);
  for (int64_t i = 0; i < n; ++i) {
    y[i] = static_cast<float>(x[i] / root * (weight == nullptr ? 1.0 : weight[i]));
  }
}

struct RmsNorm {
  static Work plan(const Args& args) { return rows_of_first(args); }

  static void run(const Args& args, unsigned, uint64_t first, uint64_t last, void*) {
    const double eps = args.params<tn_norm_params>().eps;
    for_rows(first, last, [&](int64_t row) {
      rms_norm_row(row_in<float>(args, 0, row), nullptr, eps, args.width(0),
                   row_out<float>(args, row));
    });
  }
};

inline constexpr std::array k_rms_norm_kernels = {unary<RmsNorm, "rms_norm">(TN_OP_RMS_NORM)};

}  // namespace tenon::cpu::reference
