// tn.softcap: cap * tanh(x / cap).
#pragma once

#include <cmath>

#include "describe.hpp"
#include "rows.hpp"

namespace tenon::cpu::reference {

struct Softcap {
  static Work plan(const Args& args) { return rows_of_first(args); }

  static void run(const Args& args, unsigned, uint64_t first, uint64_t last, void*) {
    const double cap = args.params<tn_softcap_params>().cap;
    const int64_t n = args.width(0);
    for_rows(first, last, [&](int64_t row) {
      const float* x = row_in<float>(args, 0, row);
      float* y = row_out<float>(args, row);
      for (int64_t i = 0; i < n; ++i) y[i] = static_cast<float>(cap * std::tanh(x[i] / cap));
    });
  }
};

inline constexpr std::array k_softcap_kernels = {unary<Softcap, "softcap">(TN_OP_SOFTCAP)};

}  // namespace tenon::cpu::reference
