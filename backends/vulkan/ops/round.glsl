// How 32 values become a group of rounded.glsl (mirror/rounded.hpp, line by line): per 16 values
// scale = max|x| * (1/127) and q = round_half_even(x / scale), by a reciprocal of exact steps. A kernel
// defines ROUNDED, its buffer of groups.
#include "rounded.glsl"

const uint TOO_LARGE = 0x7f800000u, TOO_SMALL = 0x0d800000u;  // infinity; 2^-100 counts as 0

BUFFER_(ROUNDED, restrict) { uvec4 rounded[]; };

struct Half {
  uvec4 q;
  int sum;
  float scale;
};

float reciprocal(float a) {
  precise float r = uintBitsToFloat(0x7ef311c7u - floatBitsToUint(a));
  [[unroll]] for (int i = 0; i < 4; ++i) {
    precise float product = a * r, rest = 2.0 - product;
    r = r * rest;
  }
  return r;
}

// By bits, which order magnitudes as the numbers do and put NaN above all.
uint largest_of(float x[32], uint from) {
  uint most = 0;
  [[unroll]] for (uint i = 0; i < 16; ++i) most = max(most, floatBitsToUint(x[from + i]) & 0x7fffffffu);
  return most;
}

Half round_half(float x[32], uint from) {
  const uint most = largest_of(x, from);
  precise float scale = uintBitsToFloat(most) * (1.0 / 127.0);
  Half h = Half(uvec4(0), 0, most < TOO_SMALL ? 0.0 : scale);
  if (most < TOO_SMALL || most >= TOO_LARGE) return h;
  const float inverse = reciprocal(scale);
  [[unroll]] for (uint i = 0; i < 16; ++i) {
    precise float shifted = x[from + i] * inverse;
    shifted = shifted + 12582912.0;  // 1.5 * 2^23: what is added is rounded to whole numbers
    const int q = floatBitsToInt(shifted) - 0x4b400000;
    h.q[i / 4] |= (uint(q) & 255u) << i % 4 * 8;
    h.sum += q;
  }
  return h;
}

void store_group(uint group, float x[32]) {
  const Half low = round_half(x, 0), high = round_half(x, 16);
  precise float sum_low = low.scale * float(low.sum), sum_high = high.scale * float(high.sum);
  precise float sum = sum_low + sum_high;
  const uint at = first(ROUNDED) / 4 + group * GROUP_PIECES;
  rounded[at] = low.q;
  rounded[at + 1] = high.q;
  rounded[at + 2] =
      uvec4(floatBitsToUint(low.scale), floatBitsToUint(high.scale), floatBitsToUint(sum),
            uint(low.sum) & 0xffffu | uint(high.sum) << 16);
}
