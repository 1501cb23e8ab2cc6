// tn.cast of f32 to 16-bit floats, to nearest even; both dense.
#include "common.clh"
#include "halves.clh"

#define BFLOAT late(0)  // else f16

uint narrow(float value, uint bfloat) {
  return bfloat != 0 ? float_to_bfloat(value) : float_to_half(value);
}

// own: as in cast_widen. A word of y holds two values.
KERNEL(FLOATS(x), WORDS_OUT(y)) {
  const uint n = extent_or(own(0), own(1)) * own(2), i = 2 * global_x();
  if (i >= n) return;
  const uint high = i + 1 < n ? narrow(x[first(0) + i + 1], BFLOAT) : 0;
  y[first(1) + i / 2] = narrow(x[first(0) + i], BFLOAT) | high << 16;
}
