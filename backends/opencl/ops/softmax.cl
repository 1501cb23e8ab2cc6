// tn.softmax over the last axis; a row of nothing but -infinity gives zeros.
#include "common.clh"
#include "exact_math.clh"
#include "lanes.clh"
#include "rows.clh"

// e^(value - largest); -infinity gives 0 whatever is largest.
float share(float value, float largest) {
  const float below = value - largest;
  return as_uint(value) == (SIGN | INFINITE) ? 0.0f : exponential(below);
}

KERNEL(FLOATS(x), FLOATS_OUT(y)) {
  local float lanes[256];
  const uint t = group_y(), i = group_x(), lane = lane_index();
  const uint from = row_in(0, t, i), to = row_out(1, t, i);
  float own_largest = as_float(SIGN | INFINITE);
  for (uint c = lane; c < width(); c += 256)
    if (x[from + c] > own_largest) own_largest = x[from + c];
  const float largest = largest_of_lanes(lanes, own_largest);
  float sum = 0.0f;
  for (uint c = lane; c < width(); c += 256) sum = sum + share(x[from + c], largest);
  const float total = sum_of_lanes(lanes, sum), part = total == 0.0f ? 0.0f : recip(total);
  for (uint c = lane; c < width(); c += 256) y[to + c] = share(x[from + c], largest) * part;
}
