// tn.top_k, first part: the winner of each block of a row. A part of the row is 32 blocks: values 32
// columns apart.
#include "common.clh"
#include "keys.clh"

// own: 0 symbol of the rows, 1 their bound, 2 width, 3 words from a row to the next, 4 parts of a row,
// 5 values of a block / 128
// blocks is [row][block]: key, column.
KERNEL(WORDS(x), WORDS_OUT(blocks)) {
  local uint keys[256], places[256];
  const uint t = group_y(), part = group_x(), lane = lane_index();
  const uint columns = 4096 * own(5), stop = min(own(2), (part + 1) * columns);
  uint key = 0, place = NOWHERE;
  for (uint c = part * columns + lane; c < stop; c += 256) {
    const uint other = key_of(x[first(0) + t * own(3) + c]);
    if (wins(other, c, key, place)) {
      key = other;
      place = c;
    }
  }
  keys[lane] = key;
  places[lane] = place;
  sync_lanes();
  if (lane < 32) {
    for (uint other = lane + 32; other < 256; other += 32) {
      if (wins(keys[other], places[other], key, place)) {
        key = keys[other];
        place = places[other];
      }
    }
    const uint to = first(1) + 2 * (32 * (t * own(4) + part) + lane);
    blocks[to] = key;
    blocks[to + 1] = place;
  }
}
