// Norms by the root of the mean square: a work-group per row. ROW_VALUE(column) is what is summed,
// RESULT(column, value) what becomes of a normalised value; EPS is the parameter. Results go to
// STORE(column, result), or rounded to the buffer ROUNDED, where a lane takes groups of 32. A kernel
// defines LANES_ID 0.
#include "exact_math.glsl"
#include "lanes.glsl"
#ifdef ROUNDED
#include "round.glsl"
#endif

float result_of(uint c, float factor) {
  precise float value = ROW_VALUE(c) * factor;
  return RESULT(c, value);
}

void store_row(uint row, float factor) {
#ifdef ROUNDED
  const uint groups = width() / 32;
  for (uint group = gl_LocalInvocationIndex; group < groups; group += LANES) {
    float values[32];
    [[unroll]] for (uint i = 0; i < 32; ++i) values[i] = result_of(group * 32 + i, factor);
    store_group(row * groups + group, values);
  }
#else
  for (uint c = gl_LocalInvocationIndex; c < width(); c += LANES) STORE(c, result_of(c, factor));
#endif
}

// Value l of the tree is of the columns l, l+256, …
void normalise_row(uint row) {
  float squares[PARTS];
  [[unroll]] for (uint k = 0; k < PARTS; ++k) squares[k] = 0.0;
  for (uint first = gl_LocalInvocationIndex; first < width(); first += 256)
    [[unroll]] for (uint k = 0; k < PARTS; ++k) {
      const uint c = first + k * LANES;
      precise float value = c < width() ? ROW_VALUE(c) : 0.0, square = value * value;
      precise float sum = squares[k] + square;
      squares[k] = sum;
    }
  precise float mean = divide(sum_of_parts(squares), float(width())) + EPS;
  store_row(row, rsqrt(mean));
}
