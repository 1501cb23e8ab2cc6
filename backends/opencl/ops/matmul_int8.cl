// tn.matmul, y = x·wT, by quantised weights, in int8x16.seg16 (backends/gpu/mirror/matmul.hpp): two exact
// integer sums per 32 values, then additions in one order. x comes rounded, from round_rows.
#include "common.clh"
#include "product.clh"
#include "rounded.clh"
#include "../formats/format.clh"

// Of four int8 in a word each: exact, whatever the device has in hardware.
int dot4(uint a, uint b) {
  const char4 p = as_char4(a), q = as_char4(b);
  return p.s0 * q.s0 + p.s1 * q.s1 + p.s2 * q.s2 + p.s3 * q.s3;
}

// t plus the 32 products of a group.
float add_group(float t, Group w, global const uint* x) {
  int i = 0, j = 0;
  for (uint k = 0; k < 4; ++k) {
    i += dot4(w.q[k], x[k]);
    j += dot4(w.q[k + 4], x[4 + k]);
  }
  if (OFFSET != 0) {
    i -= OFFSET * ((int)(x[11] << 16) >> 16);
    j -= OFFSET * ((int)x[11] >> 16);
  }
  i *= w.sub[0];
  j *= w.sub[1];
  float u = (float)i * as_float(x[8]) + (float)j * as_float(x[9]);
  u = u * w.scale;
  if (HAS_MINIMUM) u = u - w.minimum * as_float(x[10]);
  return t + u;
}

KERNEL(WORDS(w), WORDS(x), FLOATS_OUT(y)) {
  const uint groups = own(1), row_blocks = groups / BLOCK_GROUPS;
  const Segment part = segment_of(groups, UNIT);
  float t[NY];
  for (uint n = 0; n < NY; ++n) t[n] = 0.0f;
  for (uint unit = part.begin; unit < part.end; unit += UNIT) {
    const TileRow at = tile_row(w + first(0), group_x(), lane_index() % 16, row_blocks,
                                unit / BLOCK_GROUPS, BLOCK_BYTES);
    for (uint g = 0; g < UNIT; ++g) {
      const Group weights = load_group(at, (unit + g) % BLOCK_GROUPS);
      for (uint n = 0; n < NY; ++n)
        t[n] = add_group(t[n], weights,
                         x + first(1) + (row_of_x(n) * groups + unit + g) * GROUP_PIECES * 4);
    }
  }
  STORE_SUMS(t, y);
}
