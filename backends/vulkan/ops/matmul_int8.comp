// tn.matmul, y = x·wT, by quantised weights, in int8x16.seg16 (backends/gpu/mirror/matmul.hpp): two exact
// integer sums per 32 values, then additions in one order. x comes rounded, from round_rows.
#version 450
#extension GL_EXT_spirv_intrinsics : require
#define LANES_ID 3
#include "common.glsl"

BUFFER_(1, readonly restrict) { uvec4 x[]; };
FLOATS_OUT(2, y);
#ifdef JOINED
FLOATS_OUT(3, y1);
FLOATS_OUT(4, y2);
#endif
#ifdef GATED  // y may be rounded
#define ROUNDED 2
#include "round.glsl"
#else
#include "rounded.glsl"
#endif
#include "product.glsl"
#include "../formats/format.glsl"

// OpSDot of four int8 in a word each: part of Vulkan 1.3, whether the device has it in hardware or not.
spirv_instruction(extensions = ["SPV_KHR_integer_dot_product"], capabilities = [6018, 6019], id = 4450)
int dot4(uint a, uint b, spirv_literal int format);

// t plus the 32 products of a group.
float add_products(float t, Group w, uvec4 low, uvec4 high, uvec4 scales) {
  int i = 0, j = 0;
  [[unroll]] for (int k = 0; k < 4; ++k) {
    i += dot4(w.q[k], low[k], 0);
    j += dot4(w.q[k + 4], high[k], 0);
  }
  if (OFFSET != 0) {
    i -= OFFSET * bitfieldExtract(int(scales[3]), 0, 16);
    j -= OFFSET * (int(scales[3]) >> 16);
  }
  i *= w.sub[0];
  j *= w.sub[1];
  precise float u = float(i) * uintBitsToFloat(scales[0]);
  precise float v = float(j) * uintBitsToFloat(scales[1]);
  u = u + v;
  u = u * w.scale;
  if (HAS_MINIMUM) {
    precise float below = w.minimum * uintBitsToFloat(scales[2]);
    u = u - below;
  }
  precise float sum = t + u;
  return sum;
}

// t plus the products of group g of N_TILES rows of w and NY rows of x.
void add_group(Group w[N_TILES], uint g, inout float t[N_SUMS]) {
  for (uint n = 0; n < NY; ++n) {
    const uint at = x_first_ / 4 + (row_to_read(n) * groups_ + g) * GROUP_PIECES;
    const uvec4 low = x[at], high = x[at + 1], scales = x[at + 2];
    for (uint i = 0; i < N_TILES; ++i) t[n * N_TILES + i] = add_products(t[n * N_TILES + i], w[i], low, high, scales);
  }
}

// t plus the products of segment s.
void add_segment(uint s, inout float t[N_SUMS]) {
  const uint row_blocks = groups_ / BLOCK_GROUPS;
  const uvec2 part = segment(s, UNIT);
  for (uint unit = part.x; unit < part.y; unit += UNIT) {
    for (uint g = unit; g < unit + UNIT; ++g) {
      Group w[N_TILES];
      [[unroll]] for (uint i = 0; i < N_TILES; ++i)
        w[i] = load_group(row_of_tile(i, row_blocks, unit / BLOCK_GROUPS, BLOCK_BYTES),
                          g % BLOCK_GROUPS);
      add_group(w, g, t);
    }
  }
}

#include "segments.glsl"
