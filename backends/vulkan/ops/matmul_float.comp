// tn.matmul, y = x·wT, by f32, f16 or bf16 weights, in f32.seg16 or f16.seg16 (backends/gpu/mirror/
// matmul.hpp): weights are widened, products rounded and added one after another.
#version 450
#define LANES_ID 3
#include "common.glsl"

FLOATS(1, x);
layout(std430, set = 0, binding = 2) readonly restrict buffer Fours { vec4 x_fours[]; };
FLOATS_OUT(2, y);
#ifdef JOINED
FLOATS_OUT(3, y1);
FLOATS_OUT(4, y2);
#endif
#include "product.glsl"
#include "../formats/format.glsl"

// Four values of x from word i on; all rows begin at whole fours, or none is read so.
vec4 four_at(uint i) {
  if ((x_first_ | x_step_) % 4 == 0) return x_fours[i / 4];
  return vec4(x[i], x[i + 1], x[i + 2], x[i + 3]);
}

// t plus the products of segment s.
void add_segment(uint s, inout float t[N_SUMS]) {
  const uvec2 part = segment(s, 1);
  for (uint block = part.x; block < part.y; ++block) {
    for (uint p = 0; p < PIECES; ++p) {
      float w[N_TILES][PIECE_VALUES];
      for (uint i = 0; i < N_TILES; ++i)
        load_values(piece(row_of_tile(i, groups_, block, BLOCK_BYTES), p), w[i]);
      for (uint n = 0; n < NY; ++n)
        for (uint j = 0; j < PIECE_VALUES; j += 4) {
          const vec4 a =
              four_at(x_first_ + row_to_read(n) * x_step_ + block * 32 + p * PIECE_VALUES + j);
          for (uint i = 0; i < N_TILES; ++i)
            for (uint k = 0; k < 4; ++k) {
              precise float product = w[i][j + k] * a[k], sum = t[n * N_TILES + i] + product;
              t[n * N_TILES + i] = sum;
            }
        }
    }
  }
}

#include "segments.glsl"
