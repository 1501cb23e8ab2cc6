// tn.matmul, y = x·wT, by quantised weights, in int8x16.seg16 (backends/gpu/mirror/matmul.hpp): two exact
// integer sums per 32 values, then additions in one order. x comes rounded, from round_rows.
#version 450
#extension GL_EXT_spirv_intrinsics : require
#include "common.glsl"
#include "rounded.glsl"

BUFFER_(1, readonly restrict) { uvec4 x[]; };
FLOATS_OUT(2, y);
#include "product.glsl"
#include "../formats/format.glsl"

// OpSDot of four int8 in a word each: part of Vulkan 1.3, whether the device has it in hardware or not.
spirv_instruction(extensions = ["SPV_KHR_integer_dot_product"], capabilities = [6018, 6019], id = 4450)
int dot4(uint a, uint b, spirv_literal int format);

struct Rounded {
  uvec4 low, high, scales;
};

// t plus the 32 products of a group.
float add_group(float t, Group w, Rounded a) {
  int i = 0, j = 0;
  for (int k = 0; k < 4; ++k) {
    i += dot4(w.q[k], a.low[k], 0);
    j += dot4(w.q[k + 4], a.high[k], 0);
  }
  if (OFFSET != 0) {
    i -= OFFSET * bitfieldExtract(int(a.scales[3]), 0, 16);
    j -= OFFSET * (int(a.scales[3]) >> 16);
  }
  i *= w.sub[0];
  j *= w.sub[1];
  precise float u = float(i) * uintBitsToFloat(a.scales[0]);
  precise float v = float(j) * uintBitsToFloat(a.scales[1]);
  u = u + v;
  u = u * w.scale;
  if (HAS_MINIMUM) {
    precise float below = w.minimum * uintBitsToFloat(a.scales[2]);
    u = u - below;
  }
  precise float sum = t + u;
  return sum;
}

// t plus the products of segment s.
void add_segment(uint s, inout float t[N_SUMS]) {
  const uint groups = own(1), row_blocks = groups / BLOCK_GROUPS;
  const uvec2 part = segment(s, UNIT);
  for (uint unit = part.x; unit < part.y; unit += UNIT) {
    for (uint g = unit; g < unit + UNIT; ++g) {
      Group w[NW];
      for (uint i = 0; i < NW; ++i)
        w[i] = load_group(tile_row(tile_to_read(i), tile_lane(), row_blocks, unit / BLOCK_GROUPS,
                                   BLOCK_BYTES), g % BLOCK_GROUPS);
      for (uint n = 0; n < NY; ++n) {
        const uint at = first(1) / 4 + (row_to_read(n) * groups + g) * GROUP_PIECES;
        const Rounded a = Rounded(x[at], x[at + 1], x[at + 2]);
        for (uint i = 0; i < NW; ++i) t[n * NW + i] = add_group(t[n * NW + i], w[i], a);
      }
    }
  }
}

#include "segments.glsl"
