// Norms by the root of the mean square: a work-group per row. ROW_VALUE(column) is what is summed,
// STORE(column, value) takes the normalised value; EPS is the parameter.
#include "exact_math.glsl"
#include "lanes.glsl"

// Lane l takes the columns l, l+256, …
void normalise_row() {
  const uint lane = gl_LocalInvocationIndex;
  precise float squares = 0.0;
  for (uint c = lane; c < width(); c += 256) {
    precise float value = ROW_VALUE(c), square = value * value;
    squares = squares + square;
  }
  precise float mean = divide(sum_of_lanes(squares), float(width())) + EPS;
  const float factor = rsqrt(mean);
  for (uint c = lane; c < width(); c += 256) {
    precise float value = ROW_VALUE(c) * factor;
    STORE(c, value);
  }
}
