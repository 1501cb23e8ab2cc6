// y = FUNCTION(a, b), value by value. A work-group takes 256 values of what one t holds.
#include "rows.glsl"

FLOATS(0, a);
FLOATS(1, b);
FLOATS_OUT(2, y);

void main() {
  const uint t = gl_WorkGroupID.y, i = gl_GlobalInvocationID.x / width();
  const uint column = gl_GlobalInvocationID.x % width();
  if (!is_row(t) || i >= own(2)) return;
  precise float value = FUNCTION(a[row_in(0, t, i) + column], b[row_in(1, t, i) + column]);
  y[row_out(2, t, i) + column] = value;
}
