// tn.matmul, y = x·wT, by f32, f16 or bf16 weights, in f32.seg16 or f16.seg16 (backends/gpu/mirror/
// matmul.hpp): weights are widened, products rounded and added one after another.
#include "common.clh"
#include "product.clh"
#include "../formats/format.clh"

KERNEL(WORDS(w), FLOATS(x), FLOATS_OUT(y)) {
  const Segment part = segment_of(own(1), 1);
  float t[NY];
  for (uint n = 0; n < NY; ++n) t[n] = 0.0f;
  for (uint block = part.begin; block < part.end; ++block) {
    const TileRow at =
        tile_row(w + first(0), group_x(), lane_index() % 16, own(1), block, BLOCK_BYTES);
    for (uint p = 0; p < PIECES; ++p) {
      float values[PIECE_VALUES];
      load_values(piece(at, p), values);
      const uint column = first(1) + block * 32 + p * PIECE_VALUES;
      for (uint n = 0; n < NY; ++n)
        for (uint i = 0; i < PIECE_VALUES; ++i)
          t[n] = t[n] + values[i] * x[column + row_of_x(n) * own(5) + i];
    }
  }
  STORE_SUMS(t, y);
}
