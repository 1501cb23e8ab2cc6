// tn.top_k, second part. What is among the 256 best lies in the 256 blocks with the best winners: so
// these are cut into smaller ones, until a block is a value. One work-group a row.
#version 450
#include "common.glsl"
#include "keys.glsl"

WORDS(0, x);
WORDS(1, blocks);  // of top_k_parts
WORDS(2, listed);
WORDS_OUT(3, ids);
WORDS_OUT(4, values);

// own: 0 to 5 as in top_k_parts, 6 k, 7 how many are listed, 8 words from a list to the next
const uint MOST = 2048;
shared uint keys_[MOST];
shared uint places_[MOST];

// The first n, a power of 2, the best first.
void sort(uint n) {
  for (uint size = 2; size <= n; size *= 2)
    for (uint gap = size / 2; gap > 0; gap /= 2) {
      for (uint i = gl_LocalInvocationIndex; i < n / 2; i += 256) {
        const uint a = 2 * i - (i & (gap - 1)), b = a + gap;
        const uint key_a = keys_[a], key_b = keys_[b], place_a = places_[a], place_b = places_[b];
        if (wins(key_b, place_b, key_a, place_a) == ((a & size) == 0)) {
          keys_[a] = key_b;
          keys_[b] = key_a;
          places_[a] = place_b;
          places_[b] = place_a;
        }
      }
      barrier();
    }
}

uint power_of_two(uint least) { return least <= 1 ? 1 : 2 << findMSB(least - 1); }

// The winner of `n` values 32 columns apart.
void put_winner(uint slot, uint row, uint column, uint n) {
  uint key = 0, place = NOWHERE;
  for (uint i = 0; i < n && column < own(2); ++i, column += 32) {
    const uint other = key_of(x[row + column]);
    if (wins(other, column, key, place)) {
      key = other;
      place = column;
    }
  }
  keys_[slot] = key;
  places_[slot] = place;
}

void main() {
  const uint t = gl_WorkGroupID.y, lane = gl_LocalInvocationIndex;
  if (t >= extent_or(own(0), own(1))) return;
  const uint row = first(0) + t * own(3), columns = 4096 * own(5), n_blocks = 32 * own(4);
  const uint n_first = power_of_two(max(n_blocks, 256));
  for (uint i = lane; i < n_first; i += 256) {
    const uint from = first(1) + 2 * (t * n_blocks + i);
    keys_[i] = i < n_blocks ? blocks[from] : 0;
    places_[i] = i < n_blocks ? blocks[from + 1] : NOWHERE;
  }
  barrier();
  sort(n_first);
  const bool finite = keys_[0] != NOT_FINITE;
  for (uint n = 128 * own(5); n > 1;) {  // values of a block
    const uint winner = places_[lane];
    barrier();
    const uint n_less = max(n / 8, 1), pieces = power_of_two(min(n, 8));
    const uint part = winner / columns * columns, at = (winner - part) / 32;
    const uint start = part + winner % 32 + 32 * (at - at % n);
    for (uint piece = 0; piece < pieces; ++piece) {
      const bool none = winner == NOWHERE || piece * n_less >= n;
      put_winner(lane * pieces + piece, row, start + 32 * piece * n_less, none ? 0 : n_less);
    }
    barrier();
    sort(256 * pieces);
    n = n_less;
  }
  const uint k = own(6), width = k + own(7);
  for (uint i = lane; i < width; i += 256) {
    const uint id = i < k ? places_[i] : listed[first(2) + t * own(8) + i - k];
    const bool there = finite && id < own(2);
    ids[first(3) + t * width + i] = there ? id : NOWHERE;
    values[first(4) + t * width + i] = there ? x[row + id] : 0;
  }
}
