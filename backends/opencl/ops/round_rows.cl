// Rounds rows of x for matmuls of quantised weights (mirror/rounded.hpp, line by line): per 16 values
// scale = max|x| * (1/127) and q = round_half_even(x / scale), by a reciprocal of exact steps.
#include "common.clh"
#include "exact_math.clh"
#include "rounded.clh"

#define TOO_SMALL 0x0d800000u  // 2^-100: counts as 0

typedef struct {
  uint q[4];
  int sum;
  float scale;
} Half;

float reciprocal(float a) {
  float r = as_float(0x7ef311c7u - as_uint(a));
  for (int i = 0; i < 4; ++i) {
    const float product = a * r, rest = 2.0f - product;
    r = r * rest;
  }
  return r;
}

// By bits, which order magnitudes as the numbers do and put NaN above all.
uint largest(global const float* x) {
  uint most = 0;
  for (uint i = 0; i < 16; ++i) most = max(most, as_uint(x[i]) & 0x7fffffffu);
  return most;
}

Half round_half(global const float* x) {
  const uint most = largest(x);
  const float scale = as_float(most) * (1.0f / 127.0f);
  Half h = {{0, 0, 0, 0}, 0, most < TOO_SMALL ? 0.0f : scale};
  if (most < TOO_SMALL || most >= INFINITE) return h;
  const float inverse = reciprocal(scale);
  for (uint i = 0; i < 16; ++i) {
    float shifted = x[i] * inverse;
    shifted = shifted + 12582912.0f;  // 1.5 * 2^23: what is added is rounded to whole numbers
    const int q = as_int(shifted) - 0x4b400000;
    h.q[i / 4] |= ((uint)q & 255u) << i % 4 * 8;
    h.sum += q;
  }
  return h;
}

// own: 0 groups of a row, 1 words from a row of x to the next, 2 symbol of the rows, 3 rows without it
// An item rounds a group; groups of a row are the first axis, rows the second.
KERNEL(FLOATS(x), WORDS_OUT(rounded)) {
  const uint groups = own(0), group = global_x(), row = group_y();
  if (row >= extent_or(own(2), own(3)) || group >= groups) return;
  global const float* from = x + first(0) + row * own(1) + group * 32;
  const Half low = round_half(from), high = round_half(from + 16);
  const float sum_low = low.scale * (float)low.sum, sum_high = high.scale * (float)high.sum;
  const float sum = sum_low + sum_high;
  global uint* to = rounded + first(1) + (row * groups + group) * GROUP_PIECES * 4;
  for (uint i = 0; i < 4; ++i) {
    to[i] = low.q[i];
    to[4 + i] = high.q[i];
  }
  to[8] = as_uint(low.scale);
  to[9] = as_uint(high.scale);
  to[10] = as_uint(sum);
  to[11] = ((uint)low.sum & 0xffffu) | (uint)high.sum << 16;
}
