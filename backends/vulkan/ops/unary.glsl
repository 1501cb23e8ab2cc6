// y = FUNCTION(x), value by value. A work-group takes 256 values of what one t holds.
#include "rows.glsl"

FLOATS(0, x);
FLOATS_OUT(1, y);

void main() {
  const uint t = gl_WorkGroupID.y, i = gl_GlobalInvocationID.x / width();
  const uint column = gl_GlobalInvocationID.x % width();
  if (!is_row(t) || i >= own(2)) return;
  y[row_out(1, t, i) + column] = FUNCTION(x[row_in(0, t, i) + column]);
}
