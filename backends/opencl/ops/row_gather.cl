// tn.row_gather: the rows of x named by ids; an id that x has not got leaves its row as it is.
#include "common.clh"

// own: 0 symbol of the ids, 1 their bound, 2 width, 3 words from a row of x to the next, 4 symbol of
// the rows of x, 5 their bound
KERNEL(WORDS(x), WORDS(ids), WORDS_OUT(y)) {
  const uint row = group_y(), column = global_x(), n = own(2);
  if (row >= extent_or(own(0), own(1)) || column >= n) return;
  const uint id = ids[first(1) + row];
  if (id >= extent_or(own(4), own(5))) return;
  y[first(2) + row * n + column] = x[first(0) + id * own(3) + column];
}
