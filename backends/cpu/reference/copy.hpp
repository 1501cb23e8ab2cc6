// tn.copy: any strides, the last axis included, to dense.
#pragma once

#include "describe.hpp"
#include "rows.hpp"

namespace tenon::cpu::reference {

template <class T>
struct Copy {
  static Work plan(const Args& args) { return rows_of_first(args); }

  static void run(const Args& args, unsigned, uint64_t first, uint64_t last, void*) {
    const tn_tensor& x = args.tensor(0);
    const int64_t n = args.width(0), step = x.stride[x.rank - 1];
    for_rows(first, last, [&](int64_t row) {
      const auto* from = args.in<std::byte>(0) + row_offset(args, x, row);
      T* to = args.out<T>() + row * n;
      for (int64_t i = 0; i < n; ++i) to[i] = *reinterpret_cast<const T*>(from + i * step);
    });
  }
};

template <class T, Name Dtype>
consteval Kernel copy_kernel() {
  return reference<Copy<T>, Name("copy.") + Dtype>(TN_OP_COPY)
      .template in<Dtype>()
      .template out<Dtype>();
}

inline constexpr std::array k_copy_kernels = {
    copy_kernel<uint32_t, "f32">(), copy_kernel<uint32_t, "i32">(), copy_kernel<uint16_t, "f16">(),
    copy_kernel<uint16_t, "bf16">()};

}  // namespace tenon::cpu::reference
