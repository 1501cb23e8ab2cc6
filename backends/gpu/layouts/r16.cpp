// Packing and unpacking, both driven by the fields of the type.
#include "backends/gpu/layouts/r16.hpp"

#include <algorithm>
#include <cstring>

namespace tenon::gpu {
namespace {

constexpr uint32_t k_piece = 16;

// Calls move(offset in the block, offset in the tile, bytes) for each piece of a row.
template <class Move>
void for_pieces(const WeightType& type, uint64_t row, const Move& move) {
  uint64_t array = 0;  // where the array of this piece begins in the tile
  for (const Field& field : type.fields) {
    for (uint32_t done = 0; done < field.size; done += k_piece) {
      const uint32_t size = std::min<uint32_t>(field.size - done, k_piece);
      move(field.offset + done, array + row * size, size);
      array += R16::k_rows * size;
    }
  }
}

// A constant size is one instruction, and nearly all pieces have it.
void copy(uint8_t* to, const uint8_t* from, uint64_t size) {
  if (size == k_piece)
    std::memcpy(to, from, k_piece);
  else
    std::memcpy(to, from, size);
}

// Calls move(offset in the plain rows, offset in the tiles, bytes, those before the end of the row)
// for each piece of `n` rows.
template <class Move>
void for_rows(const R16& layout, uint64_t n, const Move& move) {
  const uint64_t block = layout.type->block_bytes;
  for (uint64_t r = 0; r < n; ++r) {
    uint64_t plain = r * layout.row_bytes();
    const uint64_t end = plain + layout.row_bytes();
    uint64_t tile = r / R16::k_rows * layout.row_tile_bytes();
    for (uint64_t b = 0; b < layout.row_blocks(); ++b, plain += block, tile += R16::k_rows * block)
      for_pieces(*layout.type, r % R16::k_rows,
                 [&](uint64_t in_block, uint64_t in_tile, uint32_t n_bytes) {
                   const uint64_t at = plain + in_block;
                   const uint64_t left = at < end ? end - at : 0;
                   move(at, tile + in_tile, n_bytes, std::min<uint64_t>(n_bytes, left));
                 });
  }
}

}  // namespace

void R16::pack(const void* plain, void* packed, uint64_t row0, uint64_t row1) const {
  const auto* from = static_cast<const uint8_t*>(plain);
  auto* to = static_cast<uint8_t*>(packed);
  const uint64_t n = row1 - row0, last = n / k_rows * k_rows;
  if (last < n) std::memset(to + last / k_rows * row_tile_bytes(), 0, row_tile_bytes());
  for_rows(*this, n, [&](uint64_t in_plain, uint64_t in_packed, uint64_t size, uint64_t there) {
    copy(to + in_packed, from + in_plain, there);
    if (there < size) std::memset(to + in_packed + there, 0, size - there);
  });
}

void R16::unpack(const void* packed, void* plain, uint64_t row0, uint64_t row1) const {
  const auto* from = static_cast<const uint8_t*>(packed);
  auto* to = static_cast<uint8_t*>(plain);
  for_rows(*this, row1 - row0,
           [&](uint64_t in_plain, uint64_t in_packed, uint64_t, uint64_t there) {
             copy(to + in_plain, from + in_packed, there);
           });
}

}  // namespace tenon::gpu
