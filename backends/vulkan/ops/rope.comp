// tn.rope: rotates pairs of each head by position * theta_i; angles are sums of two floats.
#version 450
#include "common.glsl"
#include "rotation.glsl"
#include "rows.glsl"

const uint HALVES = 1, FACTORS = 2, SELECT = 4;
layout(constant_id = 0) const uint FLAGS = 0;
layout(constant_id = 1) const uint ROTATED = 64;  // n_dims
layout(constant_id = 2) const uint FREQ_SCALE = 0;  // the bits of floats from here on
layout(constant_id = 3) const uint MAGNITUDE = 0;
layout(constant_id = 4) const uint YARN_EXTRAPOLATION = 0;
layout(constant_id = 5) const uint YARN_LOW = 0;
layout(constant_id = 6) const uint YARN_WIDTH = 0;  // of the ramp, at least 0.001
// theta_1, theta_2, theta_4, … theta_128, each the sum of two floats
layout(constant_id = 7) const uint P0 = 0;
layout(constant_id = 8) const uint P1 = 0;
layout(constant_id = 9) const uint P2 = 0;
layout(constant_id = 10) const uint P3 = 0;
layout(constant_id = 11) const uint P4 = 0;
layout(constant_id = 12) const uint P5 = 0;
layout(constant_id = 13) const uint P6 = 0;
layout(constant_id = 14) const uint P7 = 0;
layout(constant_id = 15) const uint P8 = 0;
layout(constant_id = 16) const uint P9 = 0;
layout(constant_id = 17) const uint P10 = 0;
layout(constant_id = 18) const uint P11 = 0;
layout(constant_id = 19) const uint P12 = 0;
layout(constant_id = 20) const uint P13 = 0;
layout(constant_id = 21) const uint P14 = 0;
layout(constant_id = 22) const uint P15 = 0;

FLOATS(0, x);
INTS(1, positions);
FLOATS(2, factors);
FLOATS(3, other_factors);
INTS(4, selects);
FLOATS_OUT(5, y);

Two theta(uint pair) {
  const uint powers[16] = {P0, P1, P2,  P3,  P4,  P5,  P6,  P7,
                           P8, P9, P10, P11, P12, P13, P14, P15};
  Two product = Two(1.0, 0.0);
  for (uint k = 0; k < 8; ++k) {
    const Two power = Two(uintBitsToFloat(powers[2 * k]), uintBitsToFloat(powers[2 * k + 1]));
    if ((pair >> k & 1u) != 0) product = times(product, power);
  }
  return product;
}

// 1 keeps the trained frequency of a pair, 0 interpolates it.
float yarn_mix(uint pair) {
  precise float past = float(pair) - uintBitsToFloat(YARN_LOW);
  float ramp = divide(past, uintBitsToFloat(YARN_WIDTH));
  ramp = ramp < 0.0 ? 0.0 : ramp > 1.0 ? 1.0 : ramp;
  precise float mix_ = (1.0 - ramp) * uintBitsToFloat(YARN_EXTRAPOLATION);
  return mix_;
}

Two angle_of(uint t, uint pair) {
  Two angle = times(theta(pair), float(positions[first(1) + t]));
  if ((FLAGS & FACTORS) != 0) {
    const bool other = (FLAGS & SELECT) != 0 && selects[first(4) + t] != 0;
    angle = over(angle, other ? other_factors[first(3) + pair] : factors[first(2) + pair]);
  }
  const float kept = YARN_EXTRAPOLATION == 0 ? 0.0 : yarn_mix(pair);
  precise float scaled = uintBitsToFloat(FREQ_SCALE) * (1.0 - kept) + kept;
  return times(angle, scaled);
}

// An item is a pair of a head, or one of the values that pass through.
void main() {
  const uint pairs = ROTATED / 2, items = width() - pairs;
  const uint t = gl_WorkGroupID.y, head = gl_GlobalInvocationID.x / items;
  const uint item = gl_GlobalInvocationID.x % items;
  if (!is_row(t) || head >= own(2)) return;
  const uint from = row_in(0, t, head), to = row_out(5, t, head);
  if (item >= pairs) {
    y[to + pairs + item] = x[from + pairs + item];
    return;
  }
  const bool halves = (FLAGS & HALVES) != 0;
  const uint i = halves ? item : 2 * item, j = halves ? item + pairs : 2 * item + 1;
  const vec2 turn = sine_cosine(angle_of(t, item));
  precise float sine = turn.x * uintBitsToFloat(MAGNITUDE);
  precise float cosine = turn.y * uintBitsToFloat(MAGNITUDE);
  precise float a = x[from + i], b = x[from + j];
  precise float ya = a * cosine - b * sine, yb = a * sine + b * cosine;
  y[to + i] = ya;
  y[to + j] = yb;
}
