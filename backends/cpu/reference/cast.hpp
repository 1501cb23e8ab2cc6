// tn.cast: to the output's dtype, rounded to nearest even.
#pragma once

#include "describe.hpp"
#include "rows.hpp"

namespace tenon::cpu::reference {

template <class From, class To>
struct Cast {
  static Work plan(const Args& args) { return rows_of_first(args); }

  static void run(const Args& args, unsigned, uint64_t first, uint64_t last, void*) {
    const int64_t n = args.width(0);
    for_rows(first, last, [&](int64_t row) {
      const From* x = row_in<From>(args, 0, row);
      To* y = row_out<To>(args, row);
      for (int64_t i = 0; i < n; ++i) store(to_float(x[i]), y[i]);
    });
  }
};

template <class From, class To, Name FromName, Name ToName>
consteval Kernel cast_kernel() {
  return reference<Cast<From, To>, Name("cast.") + FromName + Name(".") + ToName>(TN_OP_CAST)
      .template in<FromName>()
      .template out<ToName>();
}

inline constexpr std::array k_cast_kernels = {
    cast_kernel<float, Half, "f32", "f16">(), cast_kernel<float, Bf16, "f32", "bf16">(),
    cast_kernel<Half, float, "f16", "f32">(), cast_kernel<Bf16, float, "bf16", "f32">()};

}  // namespace tenon::cpu::reference
