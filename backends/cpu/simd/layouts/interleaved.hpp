// Interleaved<Format>: blocks of 32 of 16 rows side by side, so that one vector holds the same four
// weights of 16 rows. Format: k_halves f16 values, then k_quant_bytes bytes per block.
//   a group of 16 rows = scales [block][half][16] f16, then quants [block][k_quant_bytes/4][16][4]
#pragma once

#include "backends/cpu/simd/layouts/row_groups.hpp"

namespace tenon::cpu::matmul {

template <class Format>
struct Interleaved : RowGroups<Interleaved<Format>> {
  static constexpr int64_t k_values = k_block;
  static constexpr int64_t k_bytes = 2 * Format::k_halves + Format::k_quant_bytes;
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
};

}  // namespace tenon::cpu::matmul
