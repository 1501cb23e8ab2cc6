// tn.qkv_proj: three matmuls of one x; the items are the rows of wq, wk and wv one after the other.
#pragma once

#include <algorithm>

#include "describe.hpp"
#include "matmul.hpp"

namespace tenon::cpu::reference {

template <class Format>
struct QkvProj {
  static Work plan(const Args& args) {
    return Work()
        .phase(args.extent(0, 0) + args.extent(1, 0) + args.extent(2, 0))
        .worker(args.width(0) * 4);
  }

  static void run(const Args& args, unsigned, uint64_t first, uint64_t last, void* scratch) {
    int64_t begin = static_cast<int64_t>(first), end = static_cast<int64_t>(last);
    for (unsigned part = 0; part < 3; ++part) {
      const int64_t rows = args.extent(part, 0);
      project<Format>(args, part, 3, part, std::max<int64_t>(begin, 0), std::min(end, rows),
                      static_cast<float*>(scratch));
      begin -= rows;
      end -= rows;
    }
  }
};

struct QkvProjOf {
  template <class Format>
  static consteval Kernel kernel() {
    return reference<QkvProj<Format>, Name("qkv_proj.") + Format::dtype>(TN_OP_QKV_PROJ)
        .template in<Format::dtype, Format::dtype, Format::dtype, "f32">()
        .template out<"f32", "f32", "f32">()
        .arithmetic(k_arithmetic);
  }
};
inline constexpr auto k_qkv_proj_kernels = for_each_format<QkvProjOf>(formats::Formats());

}  // namespace tenon::cpu::reference
