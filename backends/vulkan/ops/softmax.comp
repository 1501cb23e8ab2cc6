// tn.softmax over the last axis; a row of nothing but -infinity gives zeros.
#version 450
#include "common.glsl"
#include "exact_math.glsl"
#include "lanes.glsl"
#include "rows.glsl"

FLOATS(0, x);
FLOATS_OUT(1, y);

// e^(value - largest); -infinity gives 0 whatever is largest.
float share(float value, float largest) {
  precise float below = value - largest;
  return floatBitsToUint(value) == (SIGN | INFINITE) ? 0.0 : exponential(below);
}

void main() {
  const uint t = gl_WorkGroupID.y, i = gl_WorkGroupID.x, lane = gl_LocalInvocationIndex;
  if (!is_row(t)) return;
  const uint from = row_in(0, t, i), to = row_out(1, t, i);
  float own_largest = uintBitsToFloat(SIGN | INFINITE);
  for (uint c = lane; c < width(); c += 256)
    if (x[from + c] > own_largest) own_largest = x[from + c];
  const float largest = largest_of_lanes(own_largest);
  precise float sum = 0.0;
  for (uint c = lane; c < width(); c += 256) sum = sum + share(x[from + c], largest);
  const float total = sum_of_lanes(sum), part = total == 0.0 ? 0.0 : recip(total);
  for (uint c = lane; c < width(); c += 256) {
    precise float value = share(x[from + c], largest) * part;
    y[to + c] = value;
  }
}
