// tn.add_rms_norm: a + b, and rms_norm(a + b) * w of the stored sum.
#version 450
#define LANES_ID 0
#include "common.glsl"
#include "rows.glsl"

FLOATS(0, a);
FLOATS(1, b);
FLOATS(2, w);
FLOATS_OUT(3, total);
#ifdef ROUND
#define ROUNDED 4
#else
FLOATS_OUT(4, y);
#endif
uint from_a, from_b, to;  // rows lie at the same place in both outputs
#define EPS own_float(own_words(3))
float row_value(uint c) {
  precise float sum = a[from_a + c] + b[from_b + c];
  return sum;
}
#define ROW_VALUE(c) row_value(c)
float scaled(uint c, float value) {
  precise float result = value * w[first(2) + c];
  return result;
}
#define RESULT(c, value) scaled(c, value)
#define STORE(c, value) y[first(4) + to + c] = value
#include "rms_norm.glsl"

void main() {
  const uint t = gl_WorkGroupID.y, i = gl_WorkGroupID.x;
  if (!is_row(t)) return;
  const uint row = t * own(2) + i;
  from_a = row_in(0, t, i);
  from_b = row_in(1, t, i);
  to = row * width();
  for (uint c = gl_LocalInvocationIndex; c < width(); c += LANES)
    total[first(3) + to + c] = row_value(c);
  normalise_row(row);
}
