// What the matmuls share: a work-group takes 16 rows of w (one tile) and NY rows of x; lane = row of the
// tile + 16 * segment of the row. K is cut into 16 segments, summed apart and then left to right, so
// that neither the number of rows of x nor the device changes the bits.
#include "../formats/weights.glsl"

layout(constant_id = 0) const uint NY = 1;

// own: 0 rows of w, 1 groups of 32 values of a row, 2 words from a row of y to the next,
//      3 symbol of the rows of x, 4 their number without it, 5 words from a row of x to the next
shared float t_of[NY * 256];

uint n_rows() { return extent_or(own(3), own(4)); }
// Of the NY rows the last ones may not exist: they repeat the last that does, and are not stored.
uint row_of_x(uint n) { return min(gl_WorkGroupID.y * NY + n, n_rows() - 1); }

// The groups of 32 of this lane's segment, `unit` of which stay together.
uvec2 segment(uint unit) {
  const uint units = own(1) / unit, part = (units + 15) / 16;
  const uint begin = min(gl_LocalInvocationIndex / 16 * part, units);
  return uvec2(begin, min(begin + part, units)) * unit;
}

// Called by all lanes at once.
void store_sums(float t[NY]) {
  for (uint n = 0; n < NY; ++n) t_of[n * 256 + gl_LocalInvocationIndex] = t[n];
  barrier();
  const uint n = gl_LocalInvocationIndex / 16, row = gl_LocalInvocationIndex % 16;
  const uint x_row = gl_WorkGroupID.y * NY + n, w_row = first_row() + gl_WorkGroupID.x * 16 + row;
  if (n >= NY || x_row >= n_rows() || w_row >= own(0)) return;
  precise float sum = t_of[n * 256 + row];
  for (uint s = 1; s < 16; ++s) sum = sum + t_of[n * 256 + s * 16 + row];
  y[first(2) + x_row * own(2) + w_row] = sum;
}
