// tn.rms_norm_mul: rms_norm(x) * w.
#version 450
#include "common.glsl"
#include "rows.glsl"

FLOATS(0, x);
FLOATS(1, w);
FLOATS_OUT(2, y);
uint from, to;
#define EPS own_float(own_words(2))
#define ROW_VALUE(c) x[from + c]
void store(uint c, float value) {
  precise float scaled = value * w[first(1) + c];
  y[to + c] = scaled;
}
#define STORE(c, value) store(c, value)
#include "rms_norm.glsl"

void main() {
  const uint t = gl_WorkGroupID.y, i = gl_WorkGroupID.x;
  if (!is_row(t)) return;
  from = row_in(0, t, i);
  to = row_out(2, t, i);
  normalise_row();
}
