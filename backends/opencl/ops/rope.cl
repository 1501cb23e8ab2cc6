// tn.rope: rotates pairs of each head by position * theta_i; angles are sums of two floats.
#include "common.clh"
#include "rotation.clh"
#include "rows.clh"

#define HALVES 1u
#define FACTORS 2u
#define SELECT 4u
#define FLAGS late(0)
#define ROTATED late(1)  // n_dims
#define MAGNITUDE late(3)

// What the angles of a node depend on, as bits of floats.
typedef struct {
  uint flags, freq_scale, yarn_extrapolation, yarn_low, yarn_width;  // width: at least 0.001
  uint powers[16];  // theta_1, theta_2, theta_4, … theta_128, each the sum of two floats
} Rule;
#define RULE                                                                                       \
  {FLAGS,    late(2),  late(4),  late(5),  late(6),                                                \
   {late(7), late(8), late(9), late(10), late(11), late(12), late(13), late(14), late(15), late(16), \
    late(17), late(18), late(19), late(20), late(21), late(22)}}

Two theta(const Rule* rule, uint pair) {
  Two product = {1.0f, 0.0f};
  for (uint k = 0; k < 8; ++k) {
    const Two power = {as_float(rule->powers[2 * k]), as_float(rule->powers[2 * k + 1])};
    if ((pair >> k & 1u) != 0) product = times_two(product, power);
  }
  return product;
}

// 1 keeps the trained frequency of a pair, 0 interpolates it.
float yarn_mix(const Rule* rule, uint pair) {
  const float past = (float)pair - as_float(rule->yarn_low);
  float ramp = divide(past, as_float(rule->yarn_width));
  ramp = ramp < 0.0f ? 0.0f : ramp > 1.0f ? 1.0f : ramp;
  return (1.0f - ramp) * as_float(rule->yarn_extrapolation);
}

// factor: of the pair; 1 where there are none.
Two angle_of(const Rule* rule, int position, uint pair, float factor) {
  Two angle = times(theta(rule, pair), (float)position);
  if ((rule->flags & FACTORS) != 0) angle = over(angle, factor);
  const float kept = rule->yarn_extrapolation == 0 ? 0.0f : yarn_mix(rule, pair);
  const float scaled = as_float(rule->freq_scale) * (1.0f - kept) + kept;
  return times(angle, scaled);
}

// An item is a pair of a head, or one of the values that pass through.
KERNEL(FLOATS(x), INTS(positions), FLOATS(factors), FLOATS(other_factors), INTS(selects),
       FLOATS_OUT(y)) {
  const uint pairs = ROTATED / 2, items = width() - pairs;
  const uint t = group_y(), head = global_x() / items, item = global_x() % items;
  if (!is_row(t) || head >= own(2)) return;
  const uint from = row_in(0, t, head), to = row_out(5, t, head);
  if (item >= pairs) {
    y[to + pairs + item] = x[from + pairs + item];
    return;
  }
  float factor = 1.0f;
  if ((FLAGS & FACTORS) != 0) {
    const bool other = (FLAGS & SELECT) != 0 && selects[first(4) + t] != 0;
    factor = other ? other_factors[first(3) + item] : factors[first(2) + item];
  }
  const bool halves = (FLAGS & HALVES) != 0;
  const uint i = halves ? item : 2 * item, j = halves ? item + pairs : 2 * item + 1;
  const Rule rule = RULE;
  const float2 turn = sine_cosine(angle_of(&rule, positions[first(1) + t], item, factor));
  const float sine = turn.x * as_float(MAGNITUDE), cosine = turn.y * as_float(MAGNITUDE);
  const float a = x[from + i], b = x[from + j];
  y[to + i] = a * cosine - b * sine;
  y[to + j] = a * sine + b * cosine;
}
