// tn.top_k, first part: the winner of each block of a row. A part of the row is 32 blocks: values 32
// columns apart.
#version 450
#include "common.glsl"
#include "keys.glsl"

WORDS(0, x);
WORDS_OUT(1, blocks);  // [row][block]: key, column

// own: 0 symbol of the rows, 1 their bound, 2 width, 3 words from a row to the next, 4 parts of a row,
// 5 values of a block / 128
shared uint keys_[256];
shared uint places_[256];

void main() {
  const uint t = gl_WorkGroupID.y, part = gl_WorkGroupID.x, lane = gl_LocalInvocationIndex;
  if (t >= extent_or(own(0), own(1))) return;
  const uint columns = 4096 * own(5), end = min(own(2), (part + 1) * columns);
  uint key = 0, place = NOWHERE;
  for (uint c = part * columns + lane; c < end; c += 256) {
    const uint other = key_of(x[first(0) + t * own(3) + c]);
    if (wins(other, c, key, place)) {
      key = other;
      place = c;
    }
  }
  keys_[lane] = key;
  places_[lane] = place;
  barrier();
  if (lane >= 32) return;
  for (uint other = lane + 32; other < 256; other += 32) {
    if (wins(keys_[other], places_[other], key, place)) {
      key = keys_[other];
      place = places_[other];
    }
  }
  const uint to = first(1) + 2 * (32 * (t * own(4) + part) + lane);
  blocks[to] = key;
  blocks[to + 1] = place;
}
