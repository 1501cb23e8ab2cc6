// Interleaved<Format>: blocks of 32 of 16 rows side by side, so that one vector holds the same four
// weights of 16 rows. Format: k_halves f16 values, then k_quant_bytes bytes per block.
//   a group of 16 rows = scales [block][half][16] f16, then quants [block][k_quant_bytes/4][16][4]
// Rows beyond the last are zero. The bytes of a row are only moved: unpack(pack(w)) == w.
#pragma once

#include <tenon/abi/kernels.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tenon::cpu {

inline constexpr int64_t k_block = 32;
inline constexpr int64_t k_group = 16;  // rows

template <class Format>
struct Interleaved {
  static constexpr int64_t k_rows = k_group;
  static constexpr int64_t k_plain_bytes = 2 * Format::k_halves + Format::k_quant_bytes;
  static constexpr int64_t k_scale_bytes = 2 * Format::k_halves * k_group;  // of a block
  static constexpr int64_t k_quant_bytes = Format::k_quant_bytes * k_group;

  static constexpr int64_t quants_at(int64_t blocks) {
    return (blocks * k_scale_bytes + 63) / 64 * 64;
  }
  static constexpr int64_t group_bytes(int64_t k) {
    return quants_at(k / k_block) + k / k_block * k_quant_bytes;
  }

  // Where a block of one row lives; calls move(plain offset in the block, packed offset, bytes).
  template <class Move>
  static void each_part(int64_t blocks, int64_t block, int64_t lane, Move move) {
    const int64_t scales = block * k_scale_bytes + 2 * lane;
    for (int64_t h = 0; h < Format::k_halves; ++h) move(2 * h, scales + h * 2 * k_group, 2);
    const int64_t quants = quants_at(blocks) + block * k_quant_bytes + 4 * lane;
    for (int64_t i = 0; i < Format::k_quant_bytes / 4; ++i)
      move(2 * Format::k_halves + 4 * i, quants + i * 4 * k_group, 4);
  }

  // One block of one row as it is in the file.
  static void read_block(const std::byte* group, int64_t blocks, int64_t block, int64_t lane,
                         std::byte* plain) {
    each_part(blocks, block, lane, [&](int64_t to, int64_t from, std::size_t n) {
      std::memcpy(plain + to, group + from, n);
    });
  }
  static void write_block(std::byte* group, int64_t blocks, int64_t block, int64_t lane,
                          const std::byte* plain) {
    each_part(blocks, block, lane, [&](int64_t from, int64_t to, std::size_t n) {
      std::memcpy(group + to, plain + from, n);
    });
  }

  static tn_status packed_size(const tn_tensor* w, uint64_t* bytes, uint64_t* align) {
    if (w->rank != 2 || w->dim[0] <= 0 || w->dim[1] <= 0 || w->dim[1] % k_block != 0)
      return TN_ERR_UNSUPPORTED;
    const int64_t groups = (w->dim[0] + k_group - 1) / k_group;
    *bytes = static_cast<uint64_t>(groups * group_bytes(w->dim[1]));
    *align = 64;
    return TN_OK;
  }

  // `plain` and `packed` are the whole weight.
  static tn_status pack(const tn_tensor* w, const void* plain, void* packed, uint64_t row0,
                        uint64_t row1) {
    const int64_t blocks = w->dim[1] / k_block, last = static_cast<int64_t>(row1);
    for (int64_t row = static_cast<int64_t>(row0); row < last; row += k_group) {
      std::byte* group = static_cast<std::byte*>(packed) + row / k_group * group_bytes(w->dim[1]);
      const int64_t n = std::min(k_group, last - row);
      if (n < k_group) std::memset(group, 0, static_cast<std::size_t>(group_bytes(w->dim[1])));
      for (int64_t b = 0; b < blocks; ++b)
        for (int64_t lane = 0; lane < n; ++lane)
          write_block(
              group, blocks, b, lane,
              static_cast<const std::byte*>(plain) + ((row + lane) * blocks + b) * k_plain_bytes);
    }
    return TN_OK;
  }

  // `plain` is where row0 goes.
  static tn_status unpack(const tn_tensor* w, const void* packed, void* plain, uint64_t row0,
                          uint64_t row1) {
    const int64_t blocks = w->dim[1] / k_block, first = static_cast<int64_t>(row0);
    for (int64_t row = first; row < static_cast<int64_t>(row1); ++row) {
      const std::byte* group =
          static_cast<const std::byte*>(packed) + row / k_group * group_bytes(w->dim[1]);
      for (int64_t b = 0; b < blocks; ++b)
        read_block(group, blocks, b, row % k_group,
                   static_cast<std::byte*>(plain) + ((row - first) * blocks + b) * k_plain_bytes);
    }
    return TN_OK;
  }
};

}  // namespace tenon::cpu
