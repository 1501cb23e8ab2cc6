// tn.concat: the rows of a and b side by side.
#include "common.clh"
#include "rows.clh"

// The op's own: 0 the width of a.
KERNEL(WORDS(a), WORDS(b), WORDS_OUT(y)) {
  const uint t = group_y(), i = global_x() / width();
  const uint column = global_x() % width(), m = own(own_words(2));
  if (!is_row(t) || i >= own(2)) return;
  y[row_out(2, t, i) + column] =
      column < m ? a[row_in(0, t, i) + column] : b[row_in(1, t, i) + column - m];
}
