// tn.embed_rows from a table of f32, f16 or bf16.
#include "common.clh"
#include "embed_rows.clh"
#include "../formats/format.clh"

KERNEL(WORDS(w), INTS(ids), FLOATS_OUT(y)) {
  FIND_ROW(ids);
  const TileRow at = tile_row(w + first(0), row / 16, row % 16, own(1), group, BLOCK_BYTES);
  for (uint p = 0; p < PIECES; ++p) {
    float values[PIECE_VALUES];
    load_values(piece(at, p), values);
    for (uint i = p * PIECE_VALUES; i < (p + 1) * PIECE_VALUES; ++i)
      if (group * 32 + i < own(5)) y[to + i] = values[i % PIECE_VALUES];
  }
}
