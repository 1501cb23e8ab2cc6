// tn.top_k, second part. What is among the 256 best lies in the 256 blocks with the best winners: so
// these are cut into smaller ones, until a block is a value. One work-group a row.
#include "common.clh"
#include "keys.clh"

#define MOST 2048

// The first n, a power of 2, the best first.
void sort(local uint* keys, local uint* places, uint n) {
  for (uint size = 2; size <= n; size *= 2)
    for (uint gap = size / 2; gap > 0; gap /= 2) {
      for (uint i = lane_index(); i < n / 2; i += 256) {
        const uint a = 2 * i - (i & (gap - 1)), b = a + gap;
        const uint key_a = keys[a], key_b = keys[b], place_a = places[a], place_b = places[b];
        if (wins(key_b, place_b, key_a, place_a) == ((a & size) == 0)) {
          keys[a] = key_b;
          keys[b] = key_a;
          places[a] = place_b;
          places[b] = place_a;
        }
      }
      sync_lanes();
    }
}

uint power_of_two(uint least) { return least <= 1 ? 1 : 1u << (32 - clz(least - 1)); }

// own: 0 to 5 as in top_k_parts, 6 k, 7 how many are listed, 8 words from a list to the next
KERNEL(WORDS(x), WORDS(blocks), WORDS(listed), WORDS_OUT(ids), WORDS_OUT(values)) {
  local uint keys[MOST], places[MOST];
  const uint t = group_y(), lane = lane_index();
  const uint row = first(0) + t * own(3), columns = 4096 * own(5), n_blocks = 32 * own(4);
  const uint n_first = power_of_two(max(n_blocks, 256u));
  for (uint i = lane; i < n_first; i += 256) {
    const uint from = first(1) + 2 * (t * n_blocks + i);
    keys[i] = i < n_blocks ? blocks[from] : 0;
    places[i] = i < n_blocks ? blocks[from + 1] : NOWHERE;
  }
  sync_lanes();
  sort(keys, places, n_first);
  const bool finite = keys[0] != NOT_FINITE;
  for (uint n = 128 * own(5); n > 1;) {  // values of a block
    const uint winner = places[lane];
    sync_lanes();
    const uint n_less = max(n / 8, 1u), pieces = power_of_two(min(n, 8u));
    const uint part = winner / columns * columns, at = (winner - part) / 32;
    const uint start = part + winner % 32 + 32 * (at - at % n);
    for (uint piece = 0; piece < pieces; ++piece) {
      const bool none = winner == NOWHERE || piece * n_less >= n;
      uint key = 0, place = NOWHERE, column = start + 32 * piece * n_less;
      for (uint i = 0; i < (none ? 0 : n_less) && column < own(2); ++i, column += 32) {
        const uint other = key_of(x[row + column]);
        if (wins(other, column, key, place)) {
          key = other;
          place = column;
        }
      }
      keys[lane * pieces + piece] = key;
      places[lane * pieces + piece] = place;
    }
    sync_lanes();
    sort(keys, places, 256 * pieces);
    n = n_less;
  }
  const uint k = own(6), width = k + own(7);
  for (uint i = lane; i < width; i += 256) {
    const uint id = i < k ? places[i] : listed[first(2) + t * own(8) + i - k];
    const bool there = finite && id < own(2);
    ids[first(3) + t * width + i] = there ? id : NOWHERE;
    values[first(4) + t * width + i] = there ? x[row + id] : 0;
  }
}
