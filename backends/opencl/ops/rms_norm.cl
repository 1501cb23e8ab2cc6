// tn.rms_norm: x / sqrt(mean(x^2) + eps) over the last axis.
#include "common.clh"
#include "exact_math.clh"
#include "lanes.clh"
#include "rows.clh"

#define EPS own_float(own_words(1))
#define ROW_VALUE(c) x[from + (c)]
#define STORE(c, value) y[to + (c)] = (value)

KERNEL(FLOATS(x), FLOATS_OUT(y)) {
  const uint t = group_y(), i = group_x();
  const uint from = row_in(0, t, i), to = row_out(1, t, i);
#include "rms_norm.clh"
}
