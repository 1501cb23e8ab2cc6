// tn.add: y = a + b, b of every row or one row for all of them.
#version 450
#include "common.glsl"

FLOATS(0, a);
FLOATS(1, b);
FLOATS_OUT(2, y);

// own: 0 width, 1 words from a row of b to the next (0: one row for all), 2 symbol of the rows
// A work-group takes 256 columns of a row; rows are the second axis.
void main() {
  const uint width = own(0), row = gl_WorkGroupID.y, column = gl_GlobalInvocationID.x;
  if (row >= extent_or(own(2), 0xffffffffu) || column >= width) return;
  const uint i = row * width + column;
  y[first(2) + i] = a[first(0) + i] + b[first(1) + row * own(1) + column];
}
