// tn.rms_norm: x / sqrt(mean(x^2) + eps) over the last axis.
#version 450
#define LANES_ID 0
#include "common.glsl"
#include "rows.glsl"

FLOATS(0, x);
FLOATS_OUT(1, y);
uint from, to;
#define EPS own_float(own_words(1))
#define ROW_VALUE(c) x[from + c]
#define RESULT(c, value) value
#define STORE(c, value) y[to + c] = value
#include "rms_norm.glsl"

void main() {
  const uint t = gl_WorkGroupID.y, i = gl_WorkGroupID.x;
  if (!is_row(t)) return;
  from = row_in(0, t, i);
  to = row_out(1, t, i);
  normalise_row(t * own(2) + i);
}
