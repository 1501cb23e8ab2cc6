// tn.matmul, y = x·wT, by f32, f16 or bf16 weights, in f32.seg16 or f16.seg16 (backends/gpu/mirror/
// matmul.hpp): weights are widened, products rounded and added one after another.
#version 450
#include "common.glsl"

FLOATS(1, x);
FLOATS_OUT(2, y);
#include "product.glsl"
#include "../formats/format.glsl"

void main() {
  if (gl_WorkGroupID.y * NY >= n_rows()) return;
  const uvec2 part = segment(1);
  float t[NY];
  for (uint n = 0; n < NY; ++n) t[n] = 0;
  for (uint block = part.x; block < part.y; ++block) {
    const TileRow at =
        tile_row(gl_WorkGroupID.x, gl_LocalInvocationIndex % 16, own(1), block, BLOCK_BYTES);
    for (uint p = 0; p < PIECES; ++p) {
      float w[PIECE_VALUES];
      load_values(piece(at, p), w);
      const uint column = first(1) + block * 32 + p * PIECE_VALUES;
      for (uint n = 0; n < NY; ++n) {
        precise float sum = t[n];
        for (uint i = 0; i < PIECE_VALUES; ++i) {
          precise float product = w[i] * x[column + row_of_x(n) * own(5) + i];
          sum = sum + product;
        }
        t[n] = sum;
      }
    }
  }
  store_sums(t);
}
