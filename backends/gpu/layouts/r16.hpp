// The layout r16/1 of a matrix of weights: tiles of 16 rows x one block, in the order [row tile]
// [block]. In a tile each piece of a block is an array over the 16 rows, so that 16 rows side by side
// read neighbouring and aligned bytes. The bytes are those of the file; rows beyond the last are zero,
// and so are values beyond the end of a row.
#pragma once

#include "backends/gpu/layouts/weight_type.hpp"

namespace tenon::gpu {

struct R16 {
  static constexpr uint64_t k_rows = 16;

  const WeightType* type;
  uint64_t rows, width;

  // Quantised rows are whole blocks.
  bool is_whole() const {
    const bool fits = type->is_float() || width % type->block_values == 0;
    return rows > 0 && width > 0 && fits;
  }
  uint64_t row_blocks() const { return (width + type->block_values - 1) / type->block_values; }
  uint64_t row_bytes() const { return width * type->block_bytes / type->block_values; }  // plain
  uint64_t row_tiles() const { return (rows + k_rows - 1) / k_rows; }
  uint64_t row_tile_bytes() const { return k_rows * row_blocks() * type->block_bytes; }
  uint64_t bytes() const { return row_tiles() * row_tile_bytes(); }  // packed

  // Rows row0 .. row1-1; row0 is a multiple of 16, row1 too or the last. `plain` holds these rows
  // only, `packed` is where the tile of row0 begins.
  void pack(const void* plain, void* packed, uint64_t row0, uint64_t row1) const;
  void unpack(const void* packed, void* plain, uint64_t row0, uint64_t row1) const;
};

}  // namespace tenon::gpu
