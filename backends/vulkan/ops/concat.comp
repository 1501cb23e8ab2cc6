// tn.concat: the rows of a and b side by side.
#version 450
#include "common.glsl"
#include "rows.glsl"

WORDS(0, a);
WORDS(1, b);
WORDS_OUT(2, y);

// The op's own: 0 the width of a.
void main() {
  const uint t = gl_WorkGroupID.y, i = gl_GlobalInvocationID.x / width();
  const uint column = gl_GlobalInvocationID.x % width(), m = own(own_words(2));
  if (!is_row(t) || i >= own(2)) return;
  y[row_out(2, t, i) + column] =
      column < m ? a[row_in(0, t, i) + column] : b[row_in(1, t, i) + column - m];
}
