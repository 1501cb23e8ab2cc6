// tn.rope: rotates pairs of each head by position * theta_i; angles, sines and sums in double.
#pragma once

#include <algorithm>
#include <cmath>

#include "describe.hpp"
#include "rows.hpp"

namespace tenon::cpu::reference {

// YaRN (arXiv:2309.00071): 1 keeps the trained frequency of pair i, 0 interpolates it.
inline double yarn_mix(const tn_rope_params& p, int64_t pair) {
  if (p.yarn_extrapolation == 0) return 0;
  const double width = std::max(0.001, static_cast<double>(p.yarn_high) - p.yarn_low);
  const double ramp = (static_cast<double>(pair) - p.yarn_low) / width;
  return (1 - std::clamp(ramp, 0.0, 1.0)) * p.yarn_extrapolation;
}

inline double rope_angle(const tn_rope_params& p, double factor, int64_t pair, double position) {
  const double exponent = -2.0 * static_cast<double>(pair) / p.n_dims;
  const double trained = position * std::pow(static_cast<double>(p.base), exponent) / factor;
  const double mix = yarn_mix(p, pair);
  return trained * p.freq_scale * (1 - mix) + trained * mix;
}

struct Rope {
  static Work plan(const Args& args) { return Work().phase(args.extent(0, 0)); }

  static void run(const Args& args, unsigned, uint64_t first, uint64_t last, void*) {
    for_rows(first, last, [&](int64_t token) { rotate_token(args, token); });
  }

 private:
  static const float* factors_of(const Args& args, int64_t token) {
    if ((args.features() & TN_ROPE_FACTORS) == 0) return nullptr;
    const bool select = (args.features() & TN_ROPE_SELECT) != 0;
    return args.in<float>(select && args.in<int32_t>(4)[token] != 0 ? 3 : 2);
  }

  static void rotate_token(const Args& args, int64_t token) {
    const auto p = args.params<tn_rope_params>();
    const int64_t heads = args.extent(0, 1), n = args.width(0), pairs = p.n_dims / 2;
    const float* factors = factors_of(args, token);
    const double position = args.in<int32_t>(1)[token];
    for (int64_t h = 0; h < heads; ++h) {  // what is not rotated passes through
      const float* x = row_in<float>(args, 0, token * heads + h);
      std::copy(x + p.n_dims, x + n, row_out<float>(args, token * heads + h) + p.n_dims);
    }
    for (int64_t pair = 0; pair < pairs; ++pair) {
      const double factor = factors != nullptr ? static_cast<double>(factors[pair]) : 1.0;
      rotate_pair(args, token, pair, rope_angle(p, factor, pair, position));
    }
  }

  static void rotate_pair(const Args& args, int64_t token, int64_t pair, double angle) {
    const auto p = args.params<tn_rope_params>();
    const bool halves = (args.features() & TN_ROPE_HALVES) != 0;
    const int64_t i = halves ? pair : 2 * pair, j = halves ? pair + p.n_dims / 2 : 2 * pair + 1;
    const double cosine = std::cos(angle) * p.magnitude, sine = std::sin(angle) * p.magnitude;
    const int64_t heads = args.extent(0, 1);
    for (int64_t row = token * heads; row < (token + 1) * heads; ++row) {
      const float* x = row_in<float>(args, 0, row);
      float* y = row_out<float>(args, row);
      const double a = x[i], b = x[j];
      y[i] = static_cast<float>(a * cosine - b * sine);
      y[j] = static_cast<float>(a * sine + b * cosine);
    }
  }
};

inline constexpr std::array k_rope_kernels = {reference<Rope, "rope">(TN_OP_ROPE)
                                                  .in<"f32", "i32", "f32", "f32", "i32">()
                                                  .out<"f32">()
                                                  .features(TN_ROPE_HALVES | TN_ROPE_FACTORS |
                                                            TN_ROPE_YARN | TN_ROPE_PARTIAL |
                                                            TN_ROPE_SCALED | TN_ROPE_SELECT)};

}  // namespace tenon::cpu::reference
