// What the matmuls share. K is cut into 16 segments, summed apart and then left to right, so that
// neither the number of rows of x nor the device changes the bits. A lane computes NW rows of w for NY
// rows of x, which are loaded once for all.
//   WHOLE false: a work-group takes NW tiles of w, a lane one segment (few rows of x).
//   WHOLE true: a work-group takes 16 * NW tiles, a lane all segments: no barrier, and all lanes read
//   the same x at once (many rows of x, which are work enough).
#include "../formats/weights.glsl"

layout(constant_id = 0) const uint NY = 1;
layout(constant_id = 1) const uint NW = 1;
layout(constant_id = 2) const bool WHOLE = false;
const uint N_SUMS = NY * NW;

// own: 0 rows of w, 1 groups of 32 values of a row, 2 words from a row of y to the next,
//      3 symbol of the rows of x, 4 their number without it, 5 words from a row of x to the next
shared float sums_of[WHOLE ? 1 : N_SUMS * 256];

uint tile_lane() { return gl_LocalInvocationIndex % 16; }
uint first_segment() { return WHOLE ? 0 : gl_LocalInvocationIndex / 16; }
uint end_segment() { return WHOLE ? 16 : first_segment() + 1; }

// Tile i of the NW of this lane. The last ones may not exist: the last that does is read for them.
uint tile(uint i) {
  return WHOLE ? (gl_WorkGroupID.x * NW + i) * 16 + gl_LocalInvocationIndex / 16
               : gl_WorkGroupID.x * NW + i;
}
uint tile_to_read(uint i) { return min(tile(i), (own(0) - 1 - first_row()) / 16); }

uint n_rows() { return extent_or(own(3), own(4)); }
// Of the NY rows, likewise.
uint row_to_read(uint n) { return min(gl_WorkGroupID.y * NY + n, n_rows() - 1); }

// The groups of 32 of a segment, `unit` of which stay together.
uvec2 segment(uint s, uint unit) {
  const uint units = own(1) / unit, part = (units + 15) / 16, begin = min(s * part, units);
  return uvec2(begin, min(begin + part, units)) * unit;
}

// Sum k is of tile k % NW and row k / NW.
void store(uint k, uint row, float sum) {
  const uint x_row = gl_WorkGroupID.y * NY + k / NW, w_row = first_row() + tile(k % NW) * 16 + row;
  if (x_row < n_rows() && w_row < own(0)) y[first(2) + x_row * own(2) + w_row] = sum;
}

// Called by all lanes at once, with the sums of their segments.
void store_all(float sums[N_SUMS]) {
  if (WHOLE) {
    for (uint k = 0; k < N_SUMS; ++k) store(k, tile_lane(), sums[k]);
    return;
  }
  for (uint k = 0; k < N_SUMS; ++k) sums_of[k * 256 + gl_LocalInvocationIndex] = sums[k];
  barrier();
  for (uint k = gl_LocalInvocationIndex / 16; k < N_SUMS; k += 16) {
    precise float sum = sums_of[k * 256 + tile_lane()];
    for (uint s = 1; s < 16; ++s) sum = sum + sums_of[k * 256 + s * 16 + tile_lane()];
    store(k, tile_lane(), sum);
  }
}
