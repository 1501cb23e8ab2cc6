// tn.add_rms_norm: a + b, and rms_norm(a + b) * w of the stored sum.
#include "common.clh"
#include "exact_math.clh"
#include "lanes.clh"
#include "rows.clh"

#define EPS own_float(own_words(3))
#define ROW_VALUE(c) (a[from_a + (c)] + b[from_b + (c)])
#define STORE(c, value)                    \
  total[first(3) + to + (c)] = ROW_VALUE(c); \
  y[first(4) + to + (c)] = (value) * w[first(2) + (c)]

KERNEL(FLOATS(a), FLOATS(b), FLOATS(w), FLOATS_OUT(total), FLOATS_OUT(y)) {
  const uint t = group_y(), i = group_x();
  const uint from_a = row_in(0, t, i), from_b = row_in(1, t, i);
  const uint to = (t * own(2) + i) * width();  // rows lie at the same place in both outputs
#include "rms_norm.clh"
}
