// tn.cast of f32 to 16-bit floats, to nearest even.
#include "common.clh"
#include "halves.clh"
#include "rows.clh"

#define BFLOAT C0  // else f16

uint narrow(float value) { return BFLOAT != 0 ? float_to_bfloat(value) : float_to_half(value); }

// A word of y holds two values; widths are even.
KERNEL(FLOATS(x), WORDS_OUT(y)) {
  const uint words = width() / 2;
  const uint t = group_y(), i = global_x() / words, word = global_x() % words;
  if (!is_row(t) || i >= own(2)) return;
  const uint from = row_in(0, t, i) + 2 * word;
  y[first(1) + (t * own(2) + i) * words + word] = narrow(x[from]) | narrow(x[from + 1]) << 16;
}
