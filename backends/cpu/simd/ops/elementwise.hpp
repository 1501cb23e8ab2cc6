// Ops that compute each value from the values at the same place: K::of(VecF …).
#pragma once

#include "backends/cpu/simd/ops/common.hpp"

namespace tenon::cpu {

// y = of(x)
template <class K>
struct Unary : RowOp<Unary<K>> {
  static void rows(const Args& args, int64_t first, int64_t last) {
    const Rows x(args, 0);
    const int64_t n = args.width(0);
    const K f(args);
    for (int64_t r = first; r < last; ++r)
      simd::map(
          n, args.out<float>() + r * n, [&](auto v) { return f.of(v); }, x[r]);
  }
};

// y = of(a, b); with BROADCAST b is one row for all rows of a.
template <class K>
struct Binary : RowOp<Binary<K>> {
  static void rows(const Args& args, int64_t first, int64_t last) {
    const Rows a(args, 0), b(args, 1);
    const int64_t n = args.width(0);
    const bool broadcast = (args.features() & TN_ELEMENTWISE_BROADCAST) != 0;
    for (int64_t r = first; r < last; ++r)
      simd::map(
          n, args.out<float>() + r * n, [](auto x, auto y) { return K::of(x, y); }, a[r],
          b[broadcast ? 0 : r]);
  }
};

template <class K>
constexpr sdk::Kernel unary(const char* id, const char* op) {
  return op_kernel<Unary<K>>(id, op).template in<"f32">().template out<"f32">();
}
template <class K>
constexpr sdk::Kernel binary(const char* id, const char* op) {
  return op_kernel<Binary<K>>(id, op).template in<"f32", "f32">().template out<"f32">();
}

}  // namespace tenon::cpu
