// tn.layer_norm: (x - mean) / sqrt(var + eps) over the last axis.
#version 450
#include "common.glsl"
#include "exact_math.glsl"
#include "lanes.glsl"
#include "rows.glsl"

FLOATS(0, x);
FLOATS_OUT(1, y);

void main() {
  const uint t = gl_WorkGroupID.y, i = gl_WorkGroupID.x, lane = gl_LocalInvocationIndex;
  if (!is_row(t)) return;
  const uint from = row_in(0, t, i), to = row_out(1, t, i);
  precise float sum = 0.0, squares = 0.0;
  for (uint c = lane; c < width(); c += 256) sum = sum + x[from + c];
  const float n = float(width()), mean = divide(sum_of_lanes(sum), n);
  for (uint c = lane; c < width(); c += 256) {
    precise float apart = x[from + c] - mean, square = apart * apart;
    squares = squares + square;
  }
  precise float variance = divide(sum_of_lanes(squares), n) + own_float(own_words(1));
  const float factor = rsqrt(variance);
  for (uint c = lane; c < width(); c += 256) {
    precise float apart = x[from + c] - mean, value = apart * factor;
    y[to + c] = value;
  }
}
