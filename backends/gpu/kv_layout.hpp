// How the rows of a KV state lie in its two pools, keys and values: [page][kv head] tiles of 64
// positions, each position a dense row of `width` channels. q8_0: a tile is its 64 rows of int8, then
// 64 rows of f16 scales, of which each row takes whole words, so that no two positions share one.
#pragma once

#include <tenon/abi/state.h>

#include <optional>
#include <string_view>

namespace tenon::gpu {

enum class KvCell : uint32_t { f32 = 0, f16 = 1, q8_0 = 2 };  // the numbers are the kernels' too

inline std::optional<KvCell> kv_cell(std::string_view dtype) {
  if (dtype == "f32") return KvCell::f32;
  if (dtype == "f16") return KvCell::f16;
  if (dtype == "q8_0") return KvCell::q8_0;
  return std::nullopt;
}

// The positions of one page and head. All sizes and offsets are bytes; rows begin at whole words.
struct KvTile {
  KvCell cell = KvCell::f32;
  uint32_t width = 0;

  // Kernels take four channels at a time, and keep a head in shared memory.
  bool is_supported() const { return width > 0 && width % 4 == 0 && width <= 256; }

  uint64_t row_bytes() const {
    return uint64_t{width} * (cell == KvCell::f32 ? 4 : cell == KvCell::f16 ? 2 : 1);
  }
  uint32_t scales() const { return cell == KvCell::q8_0 ? (width + 31) / 32 : 0; }  // of a row
  uint64_t scale_row_bytes() const { return uint64_t{scales() + scales() % 2} * 2; }
  uint64_t bytes() const { return TN_PAGE_POSITIONS * (row_bytes() + scale_row_bytes()); }

  uint64_t row_at(uint32_t position) const { return position * row_bytes(); }
  uint64_t scales_at(uint32_t position) const {
    return TN_PAGE_POSITIONS * row_bytes() + position * scale_row_bytes();
  }
};

// One of the two pools of a state.
struct KvPool {
  KvTile tile;
  uint32_t heads = 0;

  uint64_t page_bytes() const { return heads * tile.bytes(); }
  uint64_t tile_at(uint64_t page, uint32_t head) const {
    return page * page_bytes() + head * tile.bytes();
  }
  // What tn_kv_rows holds for n positions: (heads, n, width), then the scales without padding.
  uint64_t exchange_bytes(uint32_t n) const {
    return uint64_t{heads} * n * (tile.row_bytes() + tile.scales() * 2);
  }

  // Calls copy(offset in the pool, offset in the memory of tn_kv_rows, bytes) for the positions
  // first .. first+n-1 of a page.
  template <class Copy>
  void for_exchange(uint64_t page, uint32_t first, uint32_t n, const Copy& copy) const {
    const uint64_t row = tile.row_bytes(), scales = tile.scales() * 2;
    for (uint32_t head = 0; head < heads; ++head) {
      const uint64_t rows_before = uint64_t{head} * n, at = tile_at(page, head);
      copy(at + tile.row_at(first), rows_before * row, n * row);
      const uint64_t host = uint64_t{heads} * n * row + rows_before * scales;
      const bool padded = scales != tile.scale_row_bytes();
      for (uint32_t i = 0; i < n && padded; ++i)
        copy(at + tile.scales_at(first + i), host + i * scales, scales);
      if (!padded && scales > 0) copy(at + tile.scales_at(first), host, n * scales);
    }
  }

  // Calls copy(from, to, bytes), offsets in the pool, for a move of rows within it.
  template <class Copy>
  void for_move(const tn_kv_move& move, const Copy& copy) const {
    for (uint32_t head = 0; head < heads; ++head) {
      const uint64_t from = tile_at(move.src_page, head), to = tile_at(move.dst_page, head);
      copy(from + tile.row_at(move.src_first), to + tile.row_at(move.dst_first),
           move.n * tile.row_bytes());
      if (tile.scales() > 0)
        copy(from + tile.scales_at(move.src_first), to + tile.scales_at(move.dst_first),
             move.n * tile.scale_row_bytes());
    }
  }
};

// How many pages a kernel may touch it takes from the range that is bound: a pool is bound from its
// first byte to its last, as Part::keys or Part::values.

}  // namespace tenon::gpu
