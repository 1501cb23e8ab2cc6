// Rounds rows of x for matmuls of quantised weights, where what makes them does not do it itself.
#version 450
#include "common.glsl"

FLOATS(0, x);
#define ROUNDED 1
#include "round.glsl"

// own: 0 groups of a row, 1 words from a row of x to the next, 2 symbol of the rows, 3 rows without it
// An invocation rounds a group; groups of a row are the first axis, rows the second.
void main() {
  const uint groups = own(0), group = gl_GlobalInvocationID.x, row = gl_WorkGroupID.y;
  if (row >= extent_or(own(2), own(3)) || group >= groups) return;
  const uint from = first(0) + row * own(1) + group * 32;
  float values[32];
  [[unroll]] for (uint i = 0; i < 32; ++i) values[i] = x[from + i];
  store_group(row * groups + group, values);
}
