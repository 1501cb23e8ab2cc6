// tn.cast of 16-bit floats to f32; both dense.
#include "common.clh"
#include "halves.clh"

#define BFLOAT late(0)  // else f16

// own: 0 symbol of the first axis, 1 its bound, 2 values of what is inside of it. A word of x holds two.
KERNEL(WORDS(x), FLOATS_OUT(y)) {
  const uint i = global_x();
  if (i >= extent_or(own(0), own(1)) * own(2)) return;
  const uint two = x[first(0) + i / 2], bits = (i & 1u) == 0 ? two & 0xffffu : two >> 16;
  y[first(1) + i] = BFLOAT != 0 ? bfloat_to_float(bits) : half_to_float(bits);
}
