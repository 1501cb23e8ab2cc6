// tn.argmax, first part: the winner of each 4096 columns of a row.
#version 450
#include "common.glsl"
#include "argmax.glsl"

const uint PART = 4096;

WORDS(0, x);
WORDS_OUT(1, parts);  // [row][part]: key, index

// own: 0 symbol of the rows, 1 their bound, 2 width, 3 words from a row to the next, 4 parts of a row
void main() {
  const uint t = gl_WorkGroupID.y, part = gl_WorkGroupID.x, lane = gl_LocalInvocationIndex;
  if (t >= extent_or(own(0), own(1))) return;
  uint key = 0, place = NOWHERE;
  const uint end = min(own(2), (part + 1) * PART);
  for (uint c = part * PART + lane; c < end; c += 256) {
    const uint other = key_of(x[first(0) + t * own(3) + c]);
    if (wins(other, c, key, place)) {
      key = other;
      place = c;
    }
  }
  find_largest(key, place);
  if (lane != 0) return;
  const uint to = first(1) + 2 * (t * own(4) + part);
  parts[to] = keys_[0];
  parts[to + 1] = places_[0];
}
