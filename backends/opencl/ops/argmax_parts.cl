// tn.argmax, first part: the winner of each 4096 columns of a row.
#include "common.clh"
#include "argmax.clh"

#define PART 4096u

// own: 0 symbol of the rows, 1 their bound, 2 width, 3 words from a row to the next, 4 parts of a row
// parts is [row][part]: key, index.
KERNEL(WORDS(x), WORDS_OUT(parts)) {
  local uint keys[256], places[256];
  const uint t = group_y(), part = group_x(), lane = lane_index();
  uint key = 0, place = NOWHERE;
  const uint stop = min(own(2), (part + 1) * PART);
  for (uint c = part * PART + lane; c < stop; c += 256) {
    const uint other = key_of(x[first(0) + t * own(3) + c]);
    if (wins(other, c, key, place)) {
      key = other;
      place = c;
    }
  }
  find_largest(keys, places, key, place);
  const uint to = first(1) + 2 * (t * own(4) + part);
  if (lane == 0) parts[to] = keys[0];
  if (lane == 0) parts[to + 1] = places[0];
}
