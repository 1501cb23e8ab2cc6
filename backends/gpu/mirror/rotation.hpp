// Angles of rotary positions as sums of two floats, and their sine and cosine; the same as
// rotation.glsl line by line. With rope() of one head of one row, as rope.comp has it.
#pragma once

#include <tenon/abi/ops.h>

#include <algorithm>
#include <vector>

#include "functions.hpp"

namespace tenon::gpu::mirror {

struct Two {
  float high, low;
};

inline Two two_of(float p, float e) {
  const float high = p + e;
  return {high, e - (high - p)};
}

inline Two times(Two a, Two b) {
  const float p = a.high * b.high;
  return two_of(p, product_error(a.high, b.high, p) + (a.high * b.low + a.low * b.high));
}

inline Two times(Two a, float b) {
  const float p = a.high * b;
  return two_of(p, product_error(a.high, b, p) + a.low * b);
}

inline Two over(Two a, float b) {
  const float r = recip(b), q = a.high * r, p = q * b;
  const float residue = ((a.high - p) - product_error(q, b, p)) + a.low;
  return two_of(q, residue * r);
}

struct Turn {
  float sine, cosine;
};

inline Turn sine_cosine(Two angle) {
  const float turns = angle.high * 0.636619747f + (angle.high < 0.0f ? -0.5f : 0.5f);
  const int k = static_cast<int>(turns);
  const auto f = static_cast<float>(k);
  const float p = f * 1.57079637f, apart = (angle.high - p) - product_error(f, 1.57079637f, p);
  const float r = apart + (angle.low + f * 4.37113883e-8f), u = r * r;
  float s = 2.724378191e-06f;
  s = s * u + -1.984003902e-04f;
  s = s * u + 8.333331905e-03f;
  s = s * u + -1.666666716e-01f;
  const float cube = r * u, sine = r + cube * s;
  float c = -2.729583173e-07f;
  c = c * u + 2.480055991e-05f;
  c = c * u + -1.388888806e-03f;
  c = c * u + 4.166666791e-02f;
  const float square = u * u, most = 1.0f - 0.5f * u, cosine = most + square * c;
  const Turn both = (k & 1) == 0 ? Turn{sine, cosine} : Turn{cosine, -sine};
  return (k & 2) == 0 ? both : Turn{-both.sine, -both.cosine};
}

inline Two theta(const tn_rope_params& p, uint32_t pair) {
  Two product = {1.0f, 0.0f};
  for (uint32_t k = 0; k < 8; ++k) {
    const double exact = std::pow(double{p.base}, -2.0 * (1u << k) / p.n_dims);
    const auto high = static_cast<float>(exact);
    const Two power = {high, static_cast<float>(exact - double{high})};
    if ((pair >> k & 1u) != 0) product = times(product, power);
  }
  return product;
}

inline float yarn_mix(const tn_rope_params& p, uint32_t pair) {
  const float past = static_cast<float>(pair) - p.yarn_low;
  const float ramp = divide(past, std::max(0.001f, p.yarn_high - p.yarn_low));
  return (1.0f - std::clamp(ramp, 0.0f, 1.0f)) * p.yarn_extrapolation;
}

// factor: what divides the frequency of a pair; NULL: nothing.
inline Two angle_of(const tn_rope_params& p, uint32_t pair, int32_t position, const float* factor) {
  Two angle = times(theta(p, pair), static_cast<float>(position));
  if (factor != nullptr) angle = over(angle, *factor);
  const float kept = p.yarn_extrapolation == 0.0f ? 0.0f : yarn_mix(p, pair);
  return times(angle, p.freq_scale * (1.0f - kept) + kept);
}

// factors: one per pair, or empty.
inline std::vector<float> rope(const std::vector<float>& x, const tn_rope_params& p, bool halves,
                               int32_t position, const std::vector<float>& factors) {
  std::vector<float> y(x);
  const uint32_t pairs = p.n_dims / 2;
  for (uint32_t pair = 0; pair < pairs; ++pair) {
    const uint32_t i = halves ? pair : 2 * pair, j = halves ? pair + pairs : 2 * pair + 1;
    const Two angle = angle_of(p, pair, position, factors.empty() ? nullptr : &factors[pair]);
    const Turn turn = sine_cosine(angle);
    const float sine = turn.sine * p.magnitude, cosine = turn.cosine * p.magnitude;
    y[i] = x[i] * cosine - x[j] * sine;
    y[j] = x[i] * sine + x[j] * cosine;
  }
  return y;
}

}  // namespace tenon::gpu::mirror
