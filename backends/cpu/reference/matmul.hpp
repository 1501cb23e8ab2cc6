// tn.matmul: x (T,K) times the transpose of w (N,K), summed in double; one item is one row of w.
#pragma once

#include "backends/cpu/formats/table.hpp"
#include "describe.hpp"
#include "rows.hpp"

namespace tenon::cpu::reference {

inline constexpr const char* k_arithmetic = "f64";

// Eight partial sums, so that the compiler may use vectors; the order does not depend on T.
inline double dot(const float* a, const float* b, int64_t n) {
  double sum[8] = {};
  int64_t i = 0;
  for (; i + 8 <= n; i += 8) {
    for (int64_t j = 0; j < 8; ++j) sum[j] += static_cast<double>(a[i + j]) * b[i + j];
  }
  for (; i < n; ++i) sum[i % 8] += static_cast<double>(a[i]) * b[i];
  return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

// Rows first … last-1 of weight operand `w` times all rows of operand `x`.
template <class Format>
void project(const Args& args, unsigned w, unsigned x, unsigned output, int64_t first, int64_t last,
             float* weights) {
  const int64_t k = args.width(w), tokens = args.rows(x);
  for (int64_t n = first; n < last; ++n) {
    formats::row<Format>(args.in<uint8_t>(w), n, k, weights);
    for (int64_t t = 0; t < tokens; ++t) {
      const double sum = dot(weights, row_in<float>(args, x, t), k);
      row_out<float>(args, t, output)[n] = static_cast<float>(sum);
    }
  }
}

template <class Format>
struct Matmul {
  static Work plan(const Args& args) {
    return Work().phase(args.extent(0, 0)).worker(args.width(0) * 4);
  }

  static void run(const Args& args, unsigned, uint64_t first, uint64_t last, void* scratch) {
    project<Format>(args, 0, 1, 0, static_cast<int64_t>(first), static_cast<int64_t>(last),
                    static_cast<float*>(scratch));
  }
};

struct MatmulOf {
  template <class Format>
  static consteval Kernel kernel() {
    return reference<Matmul<Format>, Name("matmul.") + Format::dtype>(TN_OP_MATMUL)
        .template in<Format::dtype, "f32">()
        .template out<"f32">()
        .arithmetic(k_arithmetic);
  }
};
inline constexpr auto k_matmul_kernels = for_each_format<MatmulOf>(formats::Formats());

}  // namespace tenon::cpu::reference
