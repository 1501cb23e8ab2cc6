// What the matmuls share. K is cut into 16 segments, summed apart and then left to right, so that
// neither the number of rows of x nor the device changes the bits. A lane computes NW rows of w for NY
// rows of x, which are loaded once for all.
//   WHOLE false: a work-group takes NW tiles of w, a lane one segment (few rows of x).
//   WHOLE true: a work-group takes a tile * NW for 16 of its lanes, a lane all segments: no barrier, and
//   all lanes read the same x at once (many rows of x, which are work enough; devices of the CPU).
//   JOINED: two or three weights of one x in one launch, whose work-groups stand side by side. Buffers
//   5 and 6 are the other weights, in the range that buffer 0 is bound with; 3 and 4 their results.
//   GATED: the same rows of two weights, gate and up; buffer 3 is up, in the range of buffer 0.
//   The result is activation(gate) * up, stored rounded if ROUND.
#include "../formats/weights.glsl"

layout(constant_id = 0) const uint NY = 1;
layout(constant_id = 1) const uint NW = 1;
layout(constant_id = 2) const bool WHOLE = false;
// 3: lanes of a work-group (LANES_ID); 256 unless WHOLE, else a multiple of 16
#ifdef GATED
#include "exact_math.glsl"
const uint WEIGHTS = 2;
layout(constant_id = 4) const uint GATE = 0;  // silu, else gelu_tanh
layout(constant_id = 5) const bool ROUND = false;
#else
const uint WEIGHTS = 1;
const bool ROUND = false;
#endif
const uint N_TILES = NW * WEIGHTS, N_SUMS = NY * N_TILES, N_RESULTS = NY * NW;

// own: 0 rows of w, 1 groups of 32 values of a row, 2 words from a row of y to the next,
//      3 symbol of the rows of x, 4 their number without it, 5 words from a row of x to the next
//      JOINED: 6 work-groups of the first weight, then of each other one: rows, words from a row of
//      its result to the next, work-groups
shared float sums_of[WHOLE ? 1 : N_SUMS * 256];

uint part_ = 0, group_ = 0;  // which of the joined weights, and the work-group along its rows
// What does not change: read once, as on devices of the CPU each reading costs.
uint groups_, x_rows_, x_first_, x_step_, w_rows_, last_tile_, w_first_[WEIGHTS];  // w_first_: where weights begin, in words

void find_part() {
  x_rows_ = extent_or(own(3), own(4));
  groups_ = own(1);
  x_first_ = first(1);
  x_step_ = own(5);
  group_ = gl_WorkGroupID.x;
#ifdef JOINED
  const bool second = group_ >= own(6), third = group_ >= own(6) + own(9);
  part_ = third ? 2 : second ? 1 : 0;
  group_ -= third ? own(6) + own(9) : second ? own(6) : 0;
  w_rows_ = third ? own(10) : second ? own(7) : own(0);
  w_first_[0] = third ? first(6) : second ? first(5) : first(0);
#else
  w_rows_ = own(0);
  w_first_[0] = first(0);
#endif
#ifdef GATED
  w_first_[1] = first(3);
#endif
  last_tile_ = (w_rows_ - 1 - first_row()) / 16;
}

uint tile_lane() { return gl_LocalInvocationIndex % 16; }
uint first_segment() { return WHOLE ? 0 : gl_LocalInvocationIndex / 16; }
uint end_segment() { return WHOLE ? 16 : first_segment() + 1; }

// Tile i of the N_TILES of this lane. The last ones may not exist: the last that does is read for them.
uint tile(uint i) {
  return WHOLE ? (group_ * NW + i / WEIGHTS) * (gl_WorkGroupSize.x / 16) + gl_LocalInvocationIndex / 16
               : group_ * NW + i / WEIGHTS;
}
TileRow row_of_tile(uint i, uint row_blocks, uint block, uint block_bytes) {
  const uint read = min(tile(i), last_tile_);
  return TileRow(w_first_[i % WEIGHTS] / 4 + (read * row_blocks + block) * block_bytes, tile_lane());
}

// Of the NY rows, likewise.
uint row_to_read(uint n) { return min(gl_WorkGroupID.y * NY + n, x_rows_ - 1); }

// The groups of 32 of a segment, `unit` of which stay together.
uvec2 segment(uint s, uint unit) {
  const uint units = groups_ / unit, part = (units + 15) / 16, begin = min(s * part, units);
  return uvec2(begin, min(begin + part, units)) * unit;
}

void write(uint x_row, uint w_row, float value) {
#ifdef JOINED
  if (part_ == 1) y1[first(3) + x_row * own(8) + w_row] = value;
  if (part_ == 2) y2[first(4) + x_row * own(11) + w_row] = value;
  if (part_ != 0) return;
#endif
  y[first(2) + x_row * own(2) + w_row] = value;
}

#ifdef GATED
const uint GROUP_ROWS = NW * (WHOLE ? gl_WorkGroupSize.x : 16);  // of a work-group
shared float results_[ROUND ? NY * GROUP_ROWS : 1];
#endif

// Result k is of tile k % NW and row k / NW.
void store(uint k, float value) {
  const uint x_row = gl_WorkGroupID.y * NY + k / NW, at = tile(k % NW * WEIGHTS) * 16 + tile_lane();
#ifdef GATED
  if (ROUND) results_[k / NW * GROUP_ROWS + at - group_ * GROUP_ROWS] = value;
#endif
  if (!ROUND && x_row < x_rows_ && first_row() + at < w_rows_) write(x_row, first_row() + at, value);
}

float result_of(float sums[WEIGHTS]) {
#ifdef GATED
  precise float value = (GATE == 0 ? silu(sums[0]) : gelu_tanh(sums[0])) * sums[1];
  return value;
#else
  return sums[0];
#endif
}

#ifdef ROUNDED
void round_results() {
  barrier();
  const uint groups = GROUP_ROWS / 32;
  for (uint i = gl_LocalInvocationIndex; i < NY * groups; i += gl_WorkGroupSize.x) {
    const uint x_row = gl_WorkGroupID.y * NY + i / groups, group = group_ * groups + i % groups;
    float values[32];
    [[unroll]] for (uint c = 0; c < 32; ++c) values[c] = results_[i / groups * GROUP_ROWS + i % groups * 32 + c];
    if (x_row < x_rows_ && group < own(0) / 32) store_group(x_row * (own(0) / 32) + group, values);
  }
}
#endif

// The sum over all segments.
float total_of(uint k) {
  precise float sum = sums_of[k * 256 + tile_lane()];
  [[unroll]] for (uint s = 1; s < 16; ++s) sum = sum + sums_of[k * 256 + s * 16 + tile_lane()];
  return sum;
}

// Called by all lanes at once, with the sums of their segments.
void store_all(float sums[N_SUMS]) {
  float own_sums[WEIGHTS];
  if (WHOLE) {
    [[unroll]] for (uint k = 0; k < N_RESULTS; ++k) {
      [[unroll]] for (uint i = 0; i < WEIGHTS; ++i) own_sums[i] = sums[k * WEIGHTS + i];
      store(k, result_of(own_sums));
    }
  } else {
    [[unroll]] for (uint k = 0; k < N_SUMS; ++k) sums_of[k * 256 + gl_LocalInvocationIndex] = sums[k];
    barrier();
    for (uint k = gl_LocalInvocationIndex / 16; k < N_RESULTS; k += 16) {
      [[unroll]] for (uint i = 0; i < WEIGHTS; ++i) own_sums[i] = total_of(k * WEIGHTS + i);
      store(k, result_of(own_sums));
    }
  }
#ifdef ROUNDED
  if (ROUND) round_results();
#endif
}
