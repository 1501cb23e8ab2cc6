// tn.rms_norm_mul: rms_norm(x) * w.
#include "common.clh"
#include "exact_math.clh"
#include "lanes.clh"
#include "rows.clh"

#define EPS own_float(own_words(2))
#define ROW_VALUE(c) x[from + (c)]
#define STORE(c, value) y[to + (c)] = (value) * w[first(1) + (c)]

KERNEL(FLOATS(x), FLOATS(w), FLOATS_OUT(y)) {
  const uint t = group_y(), i = group_x();
  const uint from = row_in(0, t, i), to = row_out(2, t, i);
#include "rms_norm.clh"
}
