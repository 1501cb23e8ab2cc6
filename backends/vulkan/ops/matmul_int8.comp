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

// t plus the 32 products of a group.
float add_group(float t, Group w, uint at) {
  const uvec4 low = x[at], high = x[at + 1], scales = x[at + 2];
  int i = 0, j = 0;
  for (int k = 0; k < 4; ++k) {
    i += dot4(w.q[k], low[k], 0);
    j += dot4(w.q[k + 4], high[k], 0);
  }
  if (OFFSET != 0) {
    i -= OFFSET * bitfieldExtract(int(scales[3]), 0, 16);
    j -= OFFSET * (int(scales[3]) >> 16);
  }
  i *= w.sub[0];
  j *= w.sub[1];
  precise float u = float(i) * uintBitsToFloat(scales[0]), v = float(j) * uintBitsToFloat(scales[1]);
  u = u + v;
  u = u * w.scale;
  if (HAS_MINIMUM) {
    precise float below = w.minimum * uintBitsToFloat(scales[2]);
    u = u - below;
  }
  precise float sum = t + u;
  return sum;
}

void main() {
  if (gl_WorkGroupID.y * NY >= n_rows()) return;
  const uint groups = own(1), row_blocks = groups / BLOCK_GROUPS;
  const uvec2 part = segment(UNIT);
  float t[NY];
  for (uint n = 0; n < NY; ++n) t[n] = 0;
  for (uint unit = part.x; unit < part.y; unit += UNIT) {
    const TileRow at = tile_row(gl_WorkGroupID.x, gl_LocalInvocationIndex % 16, row_blocks,
                                unit / BLOCK_GROUPS, BLOCK_BYTES);
    for (uint g = 0; g < UNIT; ++g) {
      const Group w = load_group(at, (unit + g) % BLOCK_GROUPS);
      for (uint n = 0; n < NY; ++n)
        t[n] = add_group(t[n], w, first(1) / 4 + (row_of_x(n) * groups + unit + g) * GROUP_PIECES);
    }
  }
  store_sums(t);
}
