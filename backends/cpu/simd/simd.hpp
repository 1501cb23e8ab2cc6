// The vector type of this variant and what the ops need of it: exp and tanh, maps, sums in one
// fixed order. A sum depends on the values and their number only.
#pragma once

#if defined(__AVX512F__)
#include "backends/cpu/simd/simd_avx512.hpp"
#elif defined(__AVX2__)
#include "backends/cpu/simd/simd_avx2.hpp"
#else
#include "backends/cpu/simd/simd_sse2.hpp"
#endif

#include <limits>

namespace tenon::cpu::simd {

inline constexpr float k_infinity = std::numeric_limits<float>::infinity();

struct AddLanes {
  __m128 operator()(__m128 a, __m128 b) const { return _mm_add_ps(a, b); }
#if defined(__AVX2__)
  __m256 operator()(__m256 a, __m256 b) const { return _mm256_add_ps(a, b); }
#endif
};
struct MaxLanes {
  __m128 operator()(__m128 a, __m128 b) const { return _mm_max_ps(a, b); }
#if defined(__AVX2__)
  __m256 operator()(__m256 a, __m256 b) const { return _mm256_max_ps(a, b); }
#endif
};
inline float reduce_add(VecF a) { return reduce(a, AddLanes{}); }
inline float reduce_max(VecF a) { return reduce(a, MaxLanes{}); }

// y[i] = f(x[i], …)
template <class F, class... X>
inline void map(int64_t n, float* y, F f, const X*... x) {
  int64_t i = 0;
  for (; i + k_width <= n; i += k_width) store(y + i, f(load(x + i)...));
  if (i < n) store_n(y + i, f(load_n(x + i, n - i)...), n - i);
}

// Sum of f(x[i]), f(0) must be 0: four running sums, then pairs, then lanes.
template <class F>
inline float sum(int64_t n, const float* x, F f) {
  VecF s[4] = {set1(0), set1(0), set1(0), set1(0)};
  int64_t i = 0;
  for (; i + 4 * k_width <= n; i += 4 * k_width)
    for (int j = 0; j < 4; ++j) s[j] = f(load(x + i + j * k_width), s[j]);
  for (int j = 0; i < n; ++j, i += k_width)
    s[j] = f(i + k_width <= n ? load(x + i) : load_n(x + i, n - i), s[j]);
  return reduce_add((s[0] + s[1]) + (s[2] + s[3]));
}

// exp(x + low) = fraction * 2^power: powers are applied last, so that products with tiny
// exponentials do not round twice.
struct Exp {
  VecF fraction, power;
};
inline Exp split_exp(VecF x, VecF low) {
  const VecF n = round(x * set1(0x1.715476p+0f));
  VecF r = fnma(n, set1(0x1.62e43p-1f), x);
  r = fma(n, set1(0x1.05c61p-29f), r) + low;
  VecF p = set1(0x1.6dbb74p-10f);  // minimax of (exp(r)-1-r)/r^2 on |r| <= ln(2)/2
  p = fma(p, r, set1(0x1.1240b6p-7f));
  p = fma(p, r, set1(0x1.555456p-5f));
  p = fma(p, r, set1(0x1.555488p-3f));
  p = fma(p, r, set1(0.5f));
  return {fma(p * r, r, r) + set1(1), n};
}

// Within 1 ULP; 0 and infinity beyond the range of float.
inline VecF exp(VecF x) {
  const VecF inside = min(set1(90), max(set1(-105), x));
  const Exp e = split_exp(inside, set1(0));
  return scale_by_power(e.fraction, e.power);
}
inline float exp(float x) { return first_lane(exp(set1(x))); }

// x / (1 + exp(-(z + low))): with exp(-|z|), which cannot overflow.
inline VecF times_sigmoid(VecF x, VecF z, VecF low) {
  const VecF zero = set1(0);
  const Mask negative = less(z, zero);
  const VecF falling = max(set1(-170), select(negative, z, zero - z));
  const Exp e = split_exp(falling, select(negative, low, zero - low));
  const VecF sum = scale_by_power(e.fraction, e.power) + set1(1);
  const VecF top = x * select(negative, e.fraction, set1(1));
  return scale_by_power(top / sum, select(negative, e.power, zero));
}
inline VecF silu(VecF x) {
  const VecF near = max(set1(-200), x);  // -infinity gives -0
  return times_sigmoid(near, near, set1(0));
}

// x/2 * (1 + tanh(u)) = x * sigmoid(2u), 2u = sqrt(8/pi) * x * (1 + 0.044715 x^2): 2u as a sum of
// two floats, because the exponential turns its absolute error into a relative one.
inline VecF gelu_tanh(VecF x) {
  const VecF c = set1(0x1.6e4e26p-5f), c_low = set1(0x1.a9003ep-30f);
  const VecF k = set1(0x1.988454p+0f), k_low = set1(-0x1.857936p-25f);
  const VecF near = min(set1(100), max(set1(-100), x));  // beyond: 0 or x
  const VecF x2 = near * near, x2_low = fms(near, near, x2);
  const VecF t = c * x2, t_low = fma(c_low, x2, fma(c, x2_low, fms(c, x2, t)));
  const VecF s = t + set1(1);
  const VecF t_back = s - set1(1);
  const VecF s_low = ((set1(1) - (s - t_back)) + (t - t_back)) + t_low;
  const VecF kx = k * near, kx_low = fma(k_low, near, fms(k, near, kx));
  const VecF z = kx * s;
  const VecF z_low = fma(kx_low, s, fma(kx, s_low, fms(kx, s, z)));
  const VecF clamped = max(set1(-170), z);
  return times_sigmoid(max(set1(-100), x), clamped, select(less(set1(-170), z), z_low, set1(0)));
}

inline VecF tanh(VecF x) {
  const VecF a = abs(x), x2 = x * x;
  VecF p = set1(-5.70498872745e-3f);  // odd polynomial below 0.625
  p = fma(p, x2, set1(2.06390887954e-2f));
  p = fma(p, x2, set1(-5.37397155531e-2f));
  p = fma(p, x2, set1(1.33314422036e-1f));
  p = fma(p, x2, set1(-3.33332819422e-1f));
  const VecF small = fma(p * x2, x, x);
  const VecF e = exp(a * set1(-2));
  const VecF large = with_sign_of((set1(1) - e) / (set1(1) + e), x);
  return select(less(a, set1(0.625f)), small, large);
}

}  // namespace tenon::cpu::simd
