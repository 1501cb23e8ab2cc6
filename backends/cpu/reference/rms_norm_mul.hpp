// tn.rms_norm_mul: rms_norm(x) * w.
#pragma once

#include "describe.hpp"
#include "rms_norm.hpp"

namespace tenon::cpu::reference {

struct RmsNormMul {
  static Work plan(const Args& args) { return rows_of_first(args); }

  static void run(const Args& args, unsigned, uint64_t first, uint64_t last, void*) {
    const double eps = args.params<tn_norm_params>().eps;
    for_rows(first, last, [&](int64_t row) {
      rms_norm_row(row_in<float>(args, 0, row), row_in<float>(args, 1, 0), eps, args.width(0),
                   row_out<float>(args, row));
    });
  }
};

inline constexpr std::array k_rms_norm_mul_kernels = {
    binary<RmsNormMul, "rms_norm_mul">(TN_OP_RMS_NORM_MUL)};

}  // namespace tenon::cpu::reference
