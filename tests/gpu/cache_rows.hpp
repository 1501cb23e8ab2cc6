// A page of the paged cache of slots/cpu.h as rows of tn_kv_rows, and back: what a host does that
// moves a cache from one device to another.
#pragma once

#include <tenon/abi/tenon.h>

#include <cstring>
#include <string>
#include <vector>

namespace tenon::conformance {

// Tiles of the one order or the other: keys have the positions of a channel side by side.
struct CacheRows {
  uint32_t heads, width;
  uint64_t cell_bytes;  // of a value
  uint64_t scales;      // of a row
  bool by_channel;

  CacheRows(const std::string& dtype, uint32_t n_heads, uint32_t row_width, bool keys)
      : heads(n_heads),
        width(row_width),
        cell_bytes(dtype == "f32"   ? 4
                   : dtype == "f16" ? 2
                                    : 1),
        scales(dtype == "q8_0" ? (row_width + 31) / 32 : 0),
        by_channel(keys) {}

  uint64_t row_bytes() const { return width * cell_bytes; }
  uint64_t bytes() const { return heads * 64 * (row_bytes() + 2 * scales); }

  // `tile` is the first tile of the page; heads are tile_bytes apart.
  void exchange(uint8_t* tile, uint64_t tile_bytes, uint8_t* rows, bool to_rows) const {
    for (uint64_t head = 0; head < heads; ++head, tile += tile_bytes) {
      uint8_t* scale_rows = rows + heads * 64 * row_bytes() + head * 64 * 2 * scales;
      move(tile, rows + head * 64 * row_bytes(), width, cell_bytes, to_rows);
      move(tile + 64 * row_bytes(), scale_rows, scales, 2, to_rows);
    }
  }

 private:
  void move(uint8_t* tile, uint8_t* rows, uint64_t columns, uint64_t bytes, bool to_rows) const {
    for (uint64_t p = 0; p < 64; ++p)
      for (uint64_t c = 0; c < columns; ++c) {
        uint8_t* cell = tile + (by_channel ? c * 64 + p : p * columns + c) * bytes;
        uint8_t* value = rows + (p * columns + c) * bytes;
        std::memcpy(to_rows ? value : cell, to_rows ? cell : value, bytes);
      }
  }
};

}  // namespace tenon::conformance
