// Rounds rows of x for matmuls of quantised weights (mirror/rounded.hpp, line by line): per 16 values
// scale = max|x| * (1/127) and q = round_half_even(x / scale), by a reciprocal of exact steps.
#version 450
#include "common.glsl"
#include "rounded.glsl"

FLOATS(0, x);
BUFFER_(1, restrict) { uvec4 rounded[]; };

const uint INFINITE = 0x7f800000u, TOO_SMALL = 0x0d800000u;  // 2^-100: counts as 0

// own: 0 groups of a row, 1 words from a row of x to the next, 2 symbol of the rows, 3 rows without it
// An invocation rounds a group; groups of a row are the first axis, rows the second.

struct Half {
  uvec4 q;
  int sum;
  float scale;
};

float reciprocal(float a) {
  precise float r = uintBitsToFloat(0x7ef311c7u - floatBitsToUint(a));
  for (int i = 0; i < 4; ++i) {
    precise float product = a * r, rest = 2.0 - product;
    r = r * rest;
  }
  return r;
}

// By bits, which order magnitudes as the numbers do and put NaN above all.
uint largest(uint from) {
  uint most = 0;
  for (uint i = 0; i < 16; ++i) most = max(most, floatBitsToUint(x[from + i]) & 0x7fffffffu);
  return most;
}

Half round_half(uint from) {
  const uint most = largest(from);
  precise float scale = uintBitsToFloat(most) * (1.0 / 127.0);
  Half h = Half(uvec4(0), 0, most < TOO_SMALL ? 0.0 : scale);
  if (most < TOO_SMALL || most >= INFINITE) return h;
  const float inverse = reciprocal(scale);
  for (uint i = 0; i < 16; ++i) {
    precise float shifted = x[from + i] * inverse;
    shifted = shifted + 12582912.0;  // 1.5 * 2^23: what is added is rounded to whole numbers
    const int q = floatBitsToInt(shifted) - 0x4b400000;
    h.q[i / 4] |= (uint(q) & 255u) << i % 4 * 8;
    h.sum += q;
  }
  return h;
}

void main() {
  const uint groups = own(0), group = gl_GlobalInvocationID.x, row = gl_WorkGroupID.y;
  if (row >= extent_or(own(2), own(3)) || group >= groups) return;
  const uint from = first(0) + row * own(1) + group * 32;
  const Half low = round_half(from), high = round_half(from + 16);
  precise float sum_low = low.scale * float(low.sum), sum_high = high.scale * float(high.sum);
  precise float sum = sum_low + sum_high;
  const uint at = first(1) / 4 + (row * groups + group) * GROUP_PIECES;
  rounded[at] = low.q;
  rounded[at + 1] = high.q;
  rounded[at + 2] = uvec4(floatBitsToUint(low.scale), floatBitsToUint(high.scale),
                          floatBitsToUint(sum), uint(low.sum) & 0xffffu | uint(high.sum) << 16);
}
