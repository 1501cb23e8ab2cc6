// tn.copy of 32-bit values: any strides, the last axis included, to dense.
#version 450
#include "common.glsl"
#include "rows.glsl"

WORDS(0, x);
WORDS_OUT(1, y);

// The op's own: 0 words from one to the next along the last axis.
void main() {
  const uint t = gl_WorkGroupID.y, i = gl_GlobalInvocationID.x / width();
  const uint column = gl_GlobalInvocationID.x % width();
  if (!is_row(t) || i >= own(2)) return;
  y[row_out(1, t, i) + column] = x[row_in(0, t, i) + column * own(own_words(1))];
}
