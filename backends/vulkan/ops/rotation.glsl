// Angles of rotary positions as sums of two floats, and their sine and cosine; the same as
// backends/gpu/mirror/rotation.hpp line by line.
#include "exact_math.glsl"

// high + low, low being what rounding took from high.
struct Two {
  float high, low;
};

Two two_of(float p, float e) {
  precise float high = p + e, low = e - (high - p);
  return Two(high, low);
}

Two times(Two a, Two b) {
  precise float p = a.high * b.high;
  precise float e = product_error(a.high, b.high, p) + (a.high * b.low + a.low * b.high);
  return two_of(p, e);
}

Two times(Two a, float b) {
  precise float p = a.high * b, e = product_error(a.high, b, p) + a.low * b;
  return two_of(p, e);
}

Two over(Two a, float b) {
  precise float r = recip(b), q = a.high * r, p = q * b;
  precise float residue = ((a.high - p) - product_error(q, b, p)) + a.low, e = residue * r;
  return two_of(q, e);
}

// (sine, cosine) of a sum: k quarter turns are taken off, the rest is at most an eighth.
vec2 sine_cosine(Two angle) {
  precise float turns = angle.high * 0.636619747 + (angle.high < 0.0 ? -0.5 : 0.5);
  const int k = int(turns);
  const float f = float(k);
  precise float p = f * 1.57079637, apart = (angle.high - p) - product_error(f, 1.57079637, p);
  precise float r = apart + (angle.low + f * 4.37113883e-8), u = r * r;
  precise float s = 2.724378191e-06;
  s = s * u + -1.984003902e-04;
  s = s * u + 8.333331905e-03;
  s = s * u + -1.666666716e-01;
  precise float cube = r * u, sine = r + cube * s;
  precise float c = -2.729583173e-07;
  c = c * u + 2.480055991e-05;
  c = c * u + -1.388888806e-03;
  c = c * u + 4.166666791e-02;
  precise float square = u * u, most = 1.0 - 0.5 * u, cosine = most + square * c;
  const vec2 both = (k & 1) == 0 ? vec2(sine, cosine) : vec2(cosine, -sine);
  return (k & 2) == 0 ? both : -both;
}
