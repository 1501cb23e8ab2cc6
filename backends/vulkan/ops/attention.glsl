// What one row reads of a cache, for HEADS query heads of one kv head: splits of 256 positions at
// absolute positions, and their merge in order. All in f32; the same as
// backends/gpu/mirror/attention.hpp operation by operation.
#include "exact_math.glsl"
#include "kv_tiles.glsl"
#include "lanes.glsl"

layout(constant_id = 1) const uint DK = 64;
layout(constant_id = 2) const uint DV = 64;
layout(constant_id = 3) const uint KV_HEADS = 1;
layout(constant_id = 4) const uint HEADS = 1;  // of a work-group
layout(constant_id = 5) const uint GROUP = 1;  // query heads of a kv head: a multiple of HEADS
layout(constant_id = 6) const uint SINKS = 0;
layout(constant_id = 7) const uint SCALE = 0;    // bits of a float
layout(constant_id = 8) const uint SOFTCAP = 0;  // likewise; 0: none
layout(constant_id = 9) const uint WINDOW = 0;   // 0: none

// own: 0 symbol of the rows, 1 their bound, 2 query heads, 3 4 words of q from a row and a head to
// the next, 5 words from a row of the table to the next, 6 pages in a row of it, 7 symbol of the
// sequences, 8 their bound, 9 splits that a row has room for

const uint SPLIT = 256;
const float LOWEST = -3.0e38;  // below every score; not -infinity, of which differences are no number

FLOATS(0, q);
WORDS(1, keys);
WORDS(2, values);
INTS(3, positions);
INTS(4, seq_ids);
WORDS(5, table);
KV_READERS(key, keys)
KV_READERS(value, values)

// Of the row of this work-group.
uint sequence_, begin_, end_;  // positions begin_ .. end_-1 are read

bool find_row(uint t) {
  const int sequence = seq_ids[first(4) + t], position = positions[first(3) + t];
  if (sequence < 0 || uint(sequence) >= extent_or(own(7), own(8)) || position < 0) return false;
  sequence_ = uint(sequence);
  end_ = min(uint(position), own(6) * PAGE - 1) + 1;
  begin_ = WINDOW != 0 && end_ > WINDOW ? end_ - WINDOW : 0;
  return true;
}

// The page of a position; one that the pool has not got is a fault of the host, never a wild read.
uint page_of(uint position, uint pages) {
  return min(table[first(5) + sequence_ * own(5) + position / PAGE], pages - 1);
}

shared float q_[HEADS * DK];
shared float weights_[HEADS * SPLIT];

void load_query(uint t, uint head) {
  for (uint i = gl_LocalInvocationIndex; i < HEADS * DK; i += 256) {
    precise float scaled =
        q[first(0) + t * own(3) + (head + i / DK) * own(4) + i % DK] * uintBitsToFloat(SCALE);
    q_[i] = scaled;
  }
  barrier();
}

// Scores of a lane's position, into its places of weights_.
void score(uint kv_head, uint position) {
  const uint tile_words = kv_tile_words(DK);
  const uint pages = (keys.length() - first(1)) / (KV_HEADS * tile_words);
  const uint page = page_of(position, pages);
  const uint tile = first(1) + (page * KV_HEADS + kv_head) * tile_words;
  precise float sums[HEADS];
  for (uint g = 0; g < HEADS; ++g) sums[g] = 0.0;
  for (uint c = 0; c < DK; c += 4) {
    const vec4 k = key_four(tile, DK, position % PAGE, c);
    for (uint g = 0; g < HEADS; ++g)
      for (uint i = 0; i < 4; ++i) sums[g] = sums[g] + q_[g * DK + c + i] * k[i];
  }
  for (uint g = 0; g < HEADS; ++g) {
    const float capped = SOFTCAP == 0 ? sums[g] : softcap(sums[g], uintBitsToFloat(SOFTCAP));
    weights_[g * SPLIT + gl_LocalInvocationIndex] = capped;
  }
}

// Parts of a split or of all splits up to one; `sum` is of the weights, `mixed` of a lane's channel.
struct Part {
  float largest, sum, mixed;
};

Part empty_part() { return Part(LOWEST, 0.0, 0.0); }

Part merged(Part a, Part b) {
  const float largest = b.largest > a.largest ? b.largest : a.largest;
  precise float below_a = a.largest - largest, below_b = b.largest - largest;
  const float share_a = exponential(below_a), share_b = exponential(below_b);
  precise float sum = a.sum * share_a + b.sum * share_b;
  precise float mixed = a.mixed * share_a + b.mixed * share_b;
  return Part(largest, sum, mixed);
}

// Lanes are slices of the positions times channels of the value; slices are added in order.
const uint SLICES = DV < 16 ? 16 : 256 / DV;
const uint SLICE = (SPLIT + SLICES - 1) / SLICES;

void mix(uint kv_head, uint split, inout Part parts[HEADS]) {
  const uint lane = gl_LocalInvocationIndex, channel = lane % DV, slice = lane / DV;
  const uint tile_words = kv_tile_words(DV);
  const uint pages = (values.length() - first(2)) / (KV_HEADS * tile_words);
  const uint from = max(begin_, split * SPLIT + slice * SLICE);
  const uint to = min(end_, split * SPLIT + min(SPLIT, (slice + 1) * SLICE));
  precise float sums[HEADS];
  for (uint g = 0; g < HEADS; ++g) sums[g] = 0.0;
  for (uint position = from; slice < SLICES && position < to; ++position) {
    const uint tile = first(2) + (page_of(position, pages) * KV_HEADS + kv_head) * tile_words;
    const float v = value_one(tile, DV, position % PAGE, channel);
    for (uint g = 0; g < HEADS; ++g)
      sums[g] = sums[g] + weights_[g * SPLIT + position % SPLIT] * v;
  }
  for (uint g = 0; g < HEADS; ++g) {
    lanes_[lane] = sums[g];
    barrier();
    precise float mixed = 0.0;
    for (uint s = 0; s < SLICES && lane < DV; ++s) mixed = mixed + lanes_[s * DV + lane];
    parts[g].mixed = mixed;
    barrier();
  }
}

// All lanes of a work-group together. Phases: scores | largest and sum of each head | mix of values.
void attend(uint kv_head, uint split, out Part parts[HEADS]) {
  const uint lane = gl_LocalInvocationIndex, position = split * SPLIT + lane;
  const bool visible = position >= begin_ && position < end_;
  if (visible) score(kv_head, position);
  for (uint g = 0; g < HEADS; ++g) {
    const uint at = g * SPLIT + lane;
    parts[g].largest = largest_of_lanes(visible ? weights_[at] : LOWEST);
    precise float below = (visible ? weights_[at] : LOWEST) - parts[g].largest;
    const float weight = visible ? exponential(below) : 0.0;
    weights_[at] = weight;
    parts[g].sum = sum_of_lanes(weight);
  }
  mix(kv_head, split, parts);
}

// What a lane's channel becomes, from all splits and the sink of the head.
float finished(Part all, float sink) {
  if (SINKS != 0) all = merged(all, Part(sink, 1.0, 0.0));
  return divide(all.mixed, all.sum);
}
