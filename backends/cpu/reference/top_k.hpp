// tn.top_k: the k largest values of a row, the best first and of equals the lower index; then those
// that are listed. Nothing of a row with a NaN or an infinity.
#pragma once

#include <algorithm>
#include <cmath>

#include "describe.hpp"
#include "rows.hpp"

namespace tenon::cpu::reference {

struct TopK {
  static Work plan(const Args& args) { return rows_of_first(args); }

  static void run(const Args& args, unsigned, uint64_t first, uint64_t last, void*) {
    for_rows(first, last, [&](int64_t row) {
      const float* x = row_in<float>(args, 0, row);
      auto* ids = row_out<int32_t>(args, row, 0);
      auto* values = row_out<float>(args, row, 1);
      const int64_t n = args.width(0), width = Args::width(args.out_tensor(0));
      if (!std::all_of(x, x + n, [](float v) { return std::isfinite(v); })) {
        std::fill_n(ids, width, -1);
        std::fill_n(values, width, 0.0f);
        return;
      }
      const auto k = static_cast<int64_t>(args.params<tn_top_k_params>().k);
      best(x, n, ids, k);
      if (width > k) std::copy_n(row_in<int32_t>(args, 1, row), width - k, ids + k);
      for (int64_t i = 0; i < width; ++i) {
        if (ids[i] < 0 || ids[i] >= n) ids[i] = -1;
        values[i] = ids[i] < 0 ? 0.0f : x[ids[i]];
      }
    });
  }

  // Each value goes behind those that are not smaller, as they came before it.
  static void best(const float* x, int64_t n, int32_t* ids, int64_t k) {
    int64_t found = 0;
    for (int64_t i = 0; i < n; ++i) {
      if (found == k && !(x[i] > x[ids[k - 1]])) continue;
      found = std::min(found + 1, k);
      const auto at = std::upper_bound(ids, ids + found - 1, x[i],
                                       [&](float v, int32_t id) { return v > x[id]; });
      std::copy_backward(at, ids + found - 1, ids + found);
      *at = static_cast<int32_t>(i);
    }
  }
};

inline constexpr std::array k_top_k_kernels = {
    reference<TopK, "top_k">(TN_OP_TOP_K).in<"f32", "i32">().out<"i32", "f32">()};

}  // namespace tenon::cpu::reference
