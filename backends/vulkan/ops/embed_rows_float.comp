// tn.embed_rows from a table of f32, f16 or bf16.
#version 450
#include "common.glsl"
#include "embed_rows.glsl"
#include "../formats/format.glsl"

void main() {
  const uint group = gl_GlobalInvocationID.x;
  const Row r = find_row(group);
  if (!r.here) return;
  const TileRow at = tile_row(r.tile, r.row, own(1), group, BLOCK_BYTES);
  for (uint p = 0; p < PIECES; ++p) {
    float values[PIECE_VALUES];
    load_values(piece(at, p), values);
    for (uint i = p * PIECE_VALUES; i < (p + 1) * PIECE_VALUES; ++i)
      if (group * 32 + i < own(5)) y[r.to + i] = values[i % PIECE_VALUES];
  }
}
