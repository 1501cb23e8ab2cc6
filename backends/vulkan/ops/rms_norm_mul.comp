// tn.rms_norm_mul: rms_norm(x) * w.
#version 450
#define LANES_ID 0
#include "common.glsl"
#include "rows.glsl"

FLOATS(0, x);
FLOATS(1, w);
#ifdef ROUND
#define ROUNDED 2
#else
FLOATS_OUT(2, y);
#endif
uint from, to;
#define EPS own_float(own_words(2))
#define ROW_VALUE(c) x[from + c]
float scaled(uint c, float value) {
  precise float result = value * w[first(1) + c];
  return result;
}
#define RESULT(c, value) scaled(c, value)
#define STORE(c, value) y[to + c] = value
#include "rms_norm.glsl"

void main() {
  const uint t = gl_WorkGroupID.y, i = gl_WorkGroupID.x;
  if (!is_row(t)) return;
  from = row_in(0, t, i);
  to = row_out(2, t, i);
  normalise_row(t * own(2) + i);
}
