// tn.kv_write: rows of this step's keys, or values, into their slots of one pool.
#include "common.clh"
#include "exact_math.clh"
#include "kv_tiles.clh"
#include "rows.clh"

#define HEADS late(1)

// Four channels of f32 or f16.
void store_four(global uint* pool, uint row, global const float* x, uint channel) {
  if (CELL == F32) {
    for (uint i = 0; i < 4; ++i) pool[row + channel + i] = as_uint(x[i]);
    return;
  }
  pool[row + channel / 2] = float_to_half(x[0]) | float_to_half(x[1]) << 16;
  pool[row + channel / 2 + 1] = float_to_half(x[2]) | float_to_half(x[3]) << 16;
}

// The scale of a block: the order of magnitudes is that of their bits, so what is no number is above
// all and comes through.
uint scale_of(global const float* x, uint n) {
  uint largest = 0;
  for (uint i = 0; i < n; ++i) largest = max(largest, magnitude_of(x[i]));
  return float_to_half(divide(as_float(largest), 127.0f));
}

// To the nearest integer, ties to even.
uint rounded(float value, float scale) {
  const float nearest = rint(divide(value, scale));
  return (uint)(int)(nearest > 127.0f ? 127.0f : nearest < -127.0f ? -127.0f : nearest) & 0xffu;
}

void store_block(global uint* to, global const float* x, uint n, uint scale) {
  const float s = half_to_float(scale);
  const bool usable = s > 0.0f && magnitude_of(s) < INFINITE;
  for (uint i = 0; i < n; i += 4) {
    uint four = 0;
    for (uint j = 0; j < 4 && usable; ++j) four |= rounded(x[i + j], s) << (8 * j);
    to[i / 4] = four;
  }
}

// Two blocks of 32 channels, whose scales share a word.
void store_blocks(global uint* pool, uint tile, uint position, global const float* x, uint wide,
                  uint channel) {
  const uint n = min(64u, wide - channel), row = tile + kv_row(wide, position);
  const uint low = scale_of(x, min(n, 32u));
  const uint high = n > 32 ? scale_of(x + 32, n - 32) : 0;
  pool[tile + kv_scale(wide, position, channel)] = low | high << 16;
  store_block(pool + row + channel / 4, x, min(n, 32u), low);
  if (n > 32) store_block(pool + row + channel / 4 + 8, x + 32, n - 32, high);
}

// An item is what is stored of a head by one.
KERNEL(FLOATS(x), INTS(slots), WORDS_OUT(pool)) {
  const uint channels = CELL == Q8_0 ? 64 : 4, items = (width() + channels - 1) / channels;
  const uint t = group_y(), head = global_x() / items, channel = global_x() % items * channels;
  if (!is_row(t) || head >= HEADS) return;
  const int slot = slots[first(1) + t];
  const uint tile_words = kv_tile_words(width());
  const uint pages = (end(2) - first(2)) / (HEADS * tile_words);
  if (slot < 0 || (uint)slot / PAGE >= pages) return;
  const uint tile = first(2) + ((uint)slot / PAGE * HEADS + head) * tile_words;
  const uint position = (uint)slot % PAGE, from = row_in(0, t, head) + channel;
  if (CELL == Q8_0) {
    store_blocks(pool, tile, position, x + from, width(), channel);
  } else {
    store_four(pool, tile + kv_row(width(), position), x + from, channel);
  }
}
