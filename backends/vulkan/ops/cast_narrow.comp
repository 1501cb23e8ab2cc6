// tn.cast of f32 to 16-bit floats, to nearest even; both dense.
#version 450
#include "common.glsl"
#include "halves.glsl"

layout(constant_id = 0) const uint BFLOAT = 0;  // else f16

FLOATS(0, x);
WORDS_OUT(1, y);  // two values each

uint narrow(float value) { return BFLOAT != 0 ? float_to_bfloat(value) : float_to_half(value); }

// own: as in cast_widen
void main() {
  const uint n = extent_or(own(0), own(1)) * own(2), i = 2 * gl_GlobalInvocationID.x;
  if (i >= n) return;
  const uint high = i + 1 < n ? narrow(x[first(0) + i + 1]) : 0;
  y[first(1) + i / 2] = narrow(x[first(0) + i]) | high << 16;
}
