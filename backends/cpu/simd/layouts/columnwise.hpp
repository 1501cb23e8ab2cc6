// Columnwise<Element>: groups of 32 rows of plain values, stored by columns: [k][32].
// Rows beyond the last are zero.
#pragma once

#include <tenon/abi/kernels.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tenon::cpu::matmul {

template <class Element>
struct Columnwise {
  static constexpr int64_t k_rows = 32;

  static int64_t group_bytes(int64_t k) {
    return k * k_rows * static_cast<int64_t>(sizeof(Element));
  }
  // Element 0 of a row; the others follow at distances of k_rows.
  template <class Base>
  static auto row_of(Base* packed, int64_t k, int64_t row) {
    return packed + row / k_rows * k_rows * k + row % k_rows;
  }

  static tn_status packed_size(const tn_tensor* w, uint64_t* bytes, uint64_t* align) {
    if (w->rank != 2 || w->dim[0] <= 0 || w->dim[1] <= 0) return TN_ERR_UNSUPPORTED;
    *bytes = static_cast<uint64_t>((w->dim[0] + k_rows - 1) / k_rows * group_bytes(w->dim[1]));
    *align = 64;
    return TN_OK;
  }

  // `plain` and `packed` are the whole weight.
  static tn_status pack(const tn_tensor* w, const void* plain, void* packed, uint64_t row0,
                        uint64_t row1) {
    const int64_t k = w->dim[1], last = static_cast<int64_t>(row1);
    const auto* from = static_cast<const Element*>(plain);
    auto* to = static_cast<Element*>(packed);
    for (int64_t first = static_cast<int64_t>(row0); first < last; first += k_rows) {
      const int64_t n = std::min(k_rows, last - first);
      Element* group = row_of(to, k, first);
      if (n < k_rows) std::memset(group, 0, static_cast<std::size_t>(group_bytes(k)));
      for (int64_t i = 0; i < k; ++i)
        for (int64_t r = 0; r < n; ++r) group[i * k_rows + r] = from[(first + r) * k + i];
    }
    return TN_OK;
  }

  // `plain` is where row0 goes.
  static tn_status unpack(const tn_tensor* w, const void* packed, void* plain, uint64_t row0,
                          uint64_t row1) {
    const int64_t k = w->dim[1];
    auto* to = static_cast<Element*>(plain);
    for (uint64_t row = row0; row < row1; ++row, to += k) {
      const Element* from =
          row_of(static_cast<const Element*>(packed), k, static_cast<int64_t>(row));
      for (int64_t i = 0; i < k; ++i) to[i] = from[i * k_rows];
    }
    return TN_OK;
  }
};

}  // namespace tenon::cpu::matmul
