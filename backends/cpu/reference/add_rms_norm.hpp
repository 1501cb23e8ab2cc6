// tn.add_rms_norm: a + b, and rms_norm(a + b) * w of the stored sum.
#pragma once

#include "describe.hpp"
#include "rms_norm.hpp"

namespace tenon::cpu::reference {

struct AddRmsNorm {
  static Work plan(const Args& args) { return rows_of_first(args); }

  static void run(const Args& args, unsigned, uint64_t first, uint64_t last, void*) {
    const double eps = args.params<tn_norm_params>().eps;
    const int64_t n = args.width(0);
    for_rows(first, last, [&](int64_t row) {
      const float* a = row_in<float>(args, 0, row);
      const float* b = row_in<float>(args, 1, row);
      float* sum = row_out<float>(args, row, 0);
      for (int64_t i = 0; i < n; ++i) sum[i] = a[i] + b[i];
      rms_norm_row(sum, row_in<float>(args, 2, 0), eps, n, row_out<float>(args, row, 1));
    });
  }
};

inline constexpr std::array k_add_rms_norm_kernels = {
    reference<AddRmsNorm, "add_rms_norm">(TN_OP_ADD_RMS_NORM)
        .in<"f32", "f32", "f32">()
        .out<"f32", "f32">()};

}  // namespace tenon::cpu::reference
