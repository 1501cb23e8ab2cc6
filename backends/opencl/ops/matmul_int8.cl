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
float add_group(float t, Group w, global const uint* a) {
  int i = 0, j = 0;
  for (uint k = 0; k < 4; ++k) {
    i += dot4(w.q[k], a[k]);
    j += dot4(w.q[k + 4], a[4 + k]);
  }
  if (OFFSET != 0) {
    i -= OFFSET * ((int)(a[11] << 16) >> 16);
    j -= OFFSET * ((int)a[11] >> 16);
  }
  i *= w.sub[0];
  j *= w.sub[1];
  float u = (float)i * as_float(a[8]) + (float)j * as_float(a[9]);
  u = u * w.scale;
  if (HAS_MINIMUM) u = u - w.minimum * as_float(a[10]);
  return t + u;
}

// t plus the products of segment s.
void add_segment(uint s, global const uint* w, uint last, global const uint* x, uint ny,
                 uint rows, uint groups, float t[N_SUMS]) {
  const Segment part = segment_of(s, groups, UNIT);
  for (uint unit = part.begin; unit < part.end; unit += UNIT) {
    for (uint g = unit; g < unit + UNIT; ++g) {
      Group weights[NW];
      for (uint i = 0; i < NW; ++i)
        weights[i] = load_group(tile_row(w, tile_to_read(i, last), tile_lane(),
                                         groups / BLOCK_GROUPS, unit / BLOCK_GROUPS, BLOCK_BYTES),
                                g % BLOCK_GROUPS);
      for (uint n = 0; n < ny; ++n) {
        global const uint* a = x + (row_to_read(n, ny, rows) * groups + g) * GROUP_PIECES * 4;
        for (uint i = 0; i < NW; ++i) t[n * NW + i] = add_group(t[n * NW + i], weights[i], a);
      }
    }
  }
}
#define ADD_SEGMENT(s, t) \
  add_segment(s, w + first(0), last_tile(), x + first(1), ROWS, n_rows(), own(1), t)

KERNEL_OF(LANES, WORDS(w), WORDS(x), FLOATS_OUT(y)) {
#include "segments.clh"
}
