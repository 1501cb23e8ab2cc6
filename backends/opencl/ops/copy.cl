// tn.copy of 32-bit values: any strides, the last axis included, to dense.
#include "common.clh"
#include "rows.clh"

// The op's own: 0 words from one to the next along the last axis.
KERNEL(WORDS(x), WORDS_OUT(y)) {
  const uint t = group_y(), i = global_x() / width(), column = global_x() % width();
  if (!is_row(t) || i >= own(2)) return;
  y[row_out(1, t, i) + column] = x[row_in(0, t, i) + column * own(own_words(1))];
}
