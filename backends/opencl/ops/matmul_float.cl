// tn.matmul, y = x·wT, by f32, f16 or bf16 weights, in f32.seg16 or f16.seg16 (backends/gpu/mirror/
// matmul.hpp): weights are widened, products rounded and added one after another.
#include "common.clh"
#include "product.clh"
#include "../formats/format.clh"

// t plus the products of segment s.
void add_segment(uint s, global const uint* w, uint last, global const float* x, uint step,
                 uint ny, uint rows, uint groups, float t[N_SUMS]) {
  const Segment part = segment_of(s, groups, 1);
  for (uint block = part.begin; block < part.end; ++block) {
    for (uint p = 0; p < PIECES; ++p) {
      float values[NW][PIECE_VALUES];
      for (uint i = 0; i < NW; ++i)
        load_values(
            piece(tile_row(w, tile_to_read(i, last), tile_lane(), groups, block, BLOCK_BYTES), p),
            values[i]);
      for (uint n = 0; n < ny; ++n) {
        global const float* a = x + row_to_read(n, ny, rows) * step + block * 32 + p * PIECE_VALUES;
        for (uint j = 0; j < PIECE_VALUES; ++j)
          for (uint i = 0; i < NW; ++i) t[n * NW + i] = t[n * NW + i] + values[i][j] * a[j];
      }
    }
  }
}
#define ADD_SEGMENT(s, t) \
  add_segment(s, w + first(0), last_tile(), x + first(1), own(5), ROWS, n_rows(), own(1), t)

KERNEL_OF(LANES, WORDS(w), FLOATS(x), FLOATS_OUT(y)) {
#include "segments.clh"
}
