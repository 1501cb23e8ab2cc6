// Angles of rotary positions in double: frequencies once per call, sines and cosines once per
// (row, pair). Sums and reductions are exact enough for every int32 position.
#pragma once

#include <tenon/abi/ops.h>

#include <cmath>

#include "backends/cpu/simd/simd.hpp"

namespace tenon::cpu::rotary {

using simd::VecD;

inline constexpr double k_shifter = 0x1.8p52;  // x + k_shifter has round(x) in its low bits

inline int64_t padded(int64_t n) { return (n + 15) / 16 * 16; }

// 2^x within 1e-15, |x| < 1000.
inline VecD exp2(VecD x) {
  const VecD shifter = simd::set1_d(k_shifter);
  const VecD shifted = x + shifter;
  const VecD t = (x - (shifted - shifter)) * simd::set1_d(0x1.62e42fefa39efp-1);
  VecD p = simd::set1_d(1.0 / 6227020800.0);  // Taylor: |t| <= ln(2)/2
  constexpr double k_factorials[] = {479001600.0, 39916800.0, 3628800.0, 362880.0, 40320.0,
                                     5040.0,      720.0,      120.0,     24.0,     6.0,
                                     2.0,         1.0,        1.0};
  for (const double f : k_factorials) p = simd::fma(p, t, simd::set1_d(1.0 / f));
  return simd::scale_by_power(p, shifted);
}

// Taylor series on |r| <= pi/4, below 1e-13.
inline void sine_cosine(VecD angle, VecD& sine, VecD& cosine) {
  const VecD shifter = simd::set1_d(k_shifter);
  const VecD shifted = simd::fma(angle, simd::set1_d(0x1.45f306dc9c883p-1), shifter);
  const VecD n = shifted - shifter;
  VecD r = simd::fnma(n, simd::set1_d(0x1.921fb54442d18p+0), angle);
  r = simd::fnma(n, simd::set1_d(0x1.1a62633145c07p-54), r);
  const VecD r2 = r * r;
  VecD s = simd::set1_d(1.0 / 6227020800.0), c = simd::set1_d(-1.0 / 87178291200.0);
  constexpr double k_sine[] = {-39916800.0, 362880.0, -5040.0, 120.0, -6.0, 1.0};
  constexpr double k_cosine[] = {479001600.0, -3628800.0, 40320.0, -720.0, 24.0, -2.0, 1.0};
  for (const double f : k_sine) s = simd::fma(s, r2, simd::set1_d(1.0 / f));
  for (const double f : k_cosine) c = simd::fma(c, r2, simd::set1_d(1.0 / f));
  sine = s * r;
  cosine = c;
  simd::turn_quarters(shifted, sine, cosine);
}

// The share of extrapolation for pair i (YaRN, arXiv:2309.00071): 1 below `low`, 0 above `high`.
inline double yarn_mix(const tn_rope_params& p, double pair) {
  const double span = std::fmax(0.001, double{p.yarn_high} - double{p.yarn_low});
  const double ramp = (pair - double{p.yarn_low}) / span;
  return double{p.yarn_extrapolation} * (1.0 - std::fmin(1.0, std::fmax(0.0, ramp)));
}

// angle(pair) = position * frequency[pair]; room for padded(n_dims/2) values.
inline void frequencies(const tn_rope_params& p, const float* factors, double* frequency) {
  const int64_t pairs = p.n_dims / 2;
  const VecD step = simd::set1_d(-2.0 / p.n_dims * std::log2(double{p.base}));
  for (int64_t i = 0; i < pairs; i += simd::k_width_d)
    simd::store(frequency + i, exp2(simd::count_from(static_cast<double>(i)) * step) *
                                   simd::set1_d(double{p.freq_scale}));
  for (int64_t i = 0; factors != nullptr && i < pairs; ++i) frequency[i] /= double{factors[i]};
  for (int64_t i = 0; p.yarn_extrapolation != 0 && i < pairs; ++i) {
    const double mix = yarn_mix(p, static_cast<double>(i));
    frequency[i] *= (1.0 - mix) + mix / double{p.freq_scale};
  }
}

// cos and sin of one row, times `magnitude`.
inline void tables(int64_t pairs, double position, double magnitude, const double* frequency,
                   float* cosines, float* sines) {
  for (int64_t i = 0; i < pairs; i += simd::k_width_d) {
    VecD s, c;
    sine_cosine(simd::set1_d(position) * simd::load(frequency + i), s, c);
    simd::store_rounded(cosines + i, c * simd::set1_d(magnitude));
    simd::store_rounded(sines + i, s * simd::set1_d(magnitude));
  }
}

}  // namespace tenon::cpu::rotary
