// tn.layer_norm: (x - mean) / sqrt(var + eps) over the last axis.
#include "common.clh"
#include "exact_math.clh"
#include "lanes.clh"
#include "rows.clh"

KERNEL(FLOATS(x), FLOATS_OUT(y)) {
  local float lanes[256];
  const uint t = group_y(), i = group_x(), lane = lane_index();
  const uint from = row_in(0, t, i), to = row_out(1, t, i);
  float sum = 0.0f, squares = 0.0f;
  for (uint c = lane; c < width(); c += 256) sum = sum + x[from + c];
  const float n = (float)width(), mean = divide(sum_of_lanes(lanes, sum), n);
  for (uint c = lane; c < width(); c += 256) {
    const float apart = x[from + c] - mean, square = apart * apart;
    squares = squares + square;
  }
  const float variance = divide(sum_of_lanes(lanes, squares), n) + own_float(own_words(1));
  const float factor = inverse_root(variance);
  for (uint c = lane; c < width(); c += 256) {
    const float apart = x[from + c] - mean;
    y[to + c] = apart * factor;
  }
}
