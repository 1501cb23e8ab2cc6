// tn.argmax, second part: the winner of the parts of each row; -1 if a value is not finite.
#version 450
#include "common.glsl"
#include "argmax.glsl"

WORDS(0, parts);  // [row][part]: key, index
WORDS_OUT(1, y);

// own: as in argmax_parts
void main() {
  const uint t = gl_WorkGroupID.y, lane = gl_LocalInvocationIndex;
  if (t >= extent_or(own(0), own(1))) return;
  uint key = 0, place = NOWHERE;
  for (uint part = lane; part < own(4); part += 256) {
    const uint from = first(0) + 2 * (t * own(4) + part);
    if (wins(parts[from], parts[from + 1], key, place)) {
      key = parts[from];
      place = parts[from + 1];
    }
  }
  find_largest(key, place);
  if (lane == 0) y[first(1) + t] = keys_[0] == NOT_FINITE ? NOWHERE : places_[0];
}
