// tn.cast of 16-bit floats to f32.
#include "common.clh"
#include "halves.clh"
#include "rows.clh"

#define BFLOAT C0  // else f16

// A word of x holds two values; rows begin at whole words.
KERNEL(WORDS(x), FLOATS_OUT(y)) {
  const uint t = group_y(), i = global_x() / width(), column = global_x() % width();
  if (!is_row(t) || i >= own(2)) return;
  const uint two = x[row_in(0, t, i) + column / 2];
  const uint bits = (column & 1u) == 0 ? two & 0xffffu : two >> 16;
  y[row_out(1, t, i) + column] = BFLOAT != 0 ? bfloat_to_float(bits) : half_to_float(bits);
}
