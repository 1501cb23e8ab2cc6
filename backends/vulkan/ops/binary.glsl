// y = FUNCTION(a, b), value by value. A work-group takes 256 values of what one t holds; if ROUND, as
// many groups of 32, which are stored rounded.
#include "rows.glsl"

FLOATS(0, a);
FLOATS(1, b);
#ifdef ROUND
#define ROUNDED 2
#include "round.glsl"
const uint ITEM = 32;
#else
FLOATS_OUT(2, y);
const uint ITEM = 1;
#endif

float value_of(uint t, uint i, uint column) {
  precise float value = FUNCTION(a[row_in(0, t, i) + column], b[row_in(1, t, i) + column]);
  return value;
}

void main() {
  const uint items = width() / ITEM, t = gl_WorkGroupID.y, i = gl_GlobalInvocationID.x / items;
  const uint item = gl_GlobalInvocationID.x % items;
  if (!is_row(t) || i >= own(2)) return;
#ifdef ROUND
  float values[32];
  [[unroll]] for (uint c = 0; c < 32; ++c) values[c] = value_of(t, i, item * 32 + c);
  store_group((t * own(2) + i) * items + item, values);
#else
  y[row_out(2, t, i) + item] = value_of(t, i, item);
#endif
}
