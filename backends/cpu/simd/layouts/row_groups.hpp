// RowGroups<Layout>: what layouts of blocks of 16 rows side by side share: packing and unpacking,
// block by block. Layout has k_values and k_bytes (of a block), group_bytes(k) (of a group of 16 rows
// of k values), write_block and read_block (one block of one row: a "lane" of its group).
// Rows beyond the last are zero. Layouts only move bytes or bits: unpack(pack(w)) == w.
#pragma once

#include <tenon/abi/kernels.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tenon::cpu::matmul {

inline constexpr int64_t k_block = 32;  // values that are multiplied at a time
inline constexpr int64_t k_group = 16;  // rows

template <class Layout>
struct RowGroups {
  static constexpr int64_t k_rows = k_group;

  static tn_status packed_size(const tn_tensor* w, uint64_t* bytes, uint64_t* align) {
    if (w->rank != 2 || w->dim[0] <= 0 || w->dim[1] <= 0 || w->dim[1] % Layout::k_values != 0)
      return TN_ERR_UNSUPPORTED;
    const int64_t groups = (w->dim[0] + k_group - 1) / k_group;
    *bytes = static_cast<uint64_t>(groups * Layout::group_bytes(w->dim[1]));
    *align = 64;
    return TN_OK;
  }

  // `plain` and `packed` are the whole weight.
  static tn_status pack(const tn_tensor* w, const void* plain, void* packed, uint64_t row0,
                        uint64_t row1) {
    const int64_t blocks = w->dim[1] / Layout::k_values, last = static_cast<int64_t>(row1);
    const int64_t bytes = Layout::group_bytes(w->dim[1]);
    const auto* from = static_cast<const std::byte*>(plain);
    for (int64_t row = static_cast<int64_t>(row0); row < last; row += k_group) {
      std::byte* group = static_cast<std::byte*>(packed) + row / k_group * bytes;
      const int64_t n = std::min(k_group, last - row);
      if (n < k_group) std::memset(group, 0, static_cast<std::size_t>(bytes));
      for (int64_t b = 0; b < blocks; ++b)
        for (int64_t lane = 0; lane < n; ++lane)
          Layout::write_block(group, blocks, b, lane,
                              from + ((row + lane) * blocks + b) * Layout::k_bytes);
    }
    return TN_OK;
  }

  // `plain` is where row0 goes.
  static tn_status unpack(const tn_tensor* w, const void* packed, void* plain, uint64_t row0,
                          uint64_t row1) {
    const int64_t blocks = w->dim[1] / Layout::k_values, bytes = Layout::group_bytes(w->dim[1]);
    auto* to = static_cast<std::byte*>(plain);
    for (auto row = static_cast<int64_t>(row0); row < static_cast<int64_t>(row1); ++row) {
      const std::byte* group = static_cast<const std::byte*>(packed) + row / k_group * bytes;
      for (int64_t b = 0; b < blocks; ++b, to += Layout::k_bytes)
        Layout::read_block(group, blocks, b, row % k_group, to);
    }
    return TN_OK;
  }
};

}  // namespace tenon::cpu::matmul
