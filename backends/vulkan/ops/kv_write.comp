// tn.kv_write: rows of this step's keys, or values, into their slots of one pool.
#version 450
#include "common.glsl"
#include "exact_math.glsl"
#include "kv_tiles.glsl"
#include "rows.glsl"

layout(constant_id = 1) const uint HEADS = 1;

FLOATS(0, x);
INTS(1, slots);
WORDS_OUT(2, pool);

// Four channels of f32 or f16.
void store_four(uint row, uint from, uint channel) {
  const vec4 v = vec4(x[from], x[from + 1], x[from + 2], x[from + 3]);
  if (CELL == F32) {
    for (uint i = 0; i < 4; ++i) pool[row + channel + i] = floatBitsToUint(v[i]);
    return;
  }
  pool[row + channel / 2] = float_to_half(v.x) | float_to_half(v.y) << 16;
  pool[row + channel / 2 + 1] = float_to_half(v.z) | float_to_half(v.w) << 16;
}

// The scale of a block: the order of magnitudes is that of their bits, so what is no number is above
// all and comes through.
uint scale_of(uint from, uint n) {
  uint largest = 0;
  for (uint i = 0; i < n; ++i) largest = max(largest, magnitude_of(x[from + i]));
  return float_to_half(divide(uintBitsToFloat(largest), 127.0));
}

// To the nearest integer, ties to even.
uint rounded(float value, float scale) {
  precise float quotient = divide(value, scale);
  const float nearest = roundEven(quotient);
  return uint(int(nearest > 127.0 ? 127.0 : nearest < -127.0 ? -127.0 : nearest)) & 0xffu;
}

void store_block(uint row, uint from, uint channel, uint n, uint scale) {
  const float s = half_to_float(scale);
  const bool usable = s > 0.0 && magnitude_of(s) < INFINITE;
  for (uint i = 0; i < n; i += 4) {
    uint four = 0;
    for (uint j = 0; j < 4 && usable; ++j) four |= rounded(x[from + i + j], s) << (8 * j);
    pool[row + (channel + i) / 4] = four;
  }
}

// Two blocks of 32 channels, whose scales share a word.
void store_blocks(uint tile, uint position, uint from, uint channel) {
  const uint n = min(64, width() - channel), row = tile + kv_row(width(), position);
  const uint low = scale_of(from, min(n, 32));
  const uint high = n > 32 ? scale_of(from + 32, n - 32) : 0;
  pool[tile + kv_scale(width(), position, channel)] = low | high << 16;
  store_block(row, from, channel, min(n, 32), low);
  if (n > 32) store_block(row, from + 32, channel + 32, n - 32, high);
}

// An item is what one invocation stores of a head.
void main() {
  const uint channels = CELL == Q8_0 ? 64 : 4, items = (width() + channels - 1) / channels;
  const uint t = gl_WorkGroupID.y, head = gl_GlobalInvocationID.x / items;
  const uint channel = gl_GlobalInvocationID.x % items * channels;
  if (!is_row(t) || head >= HEADS) return;
  const int slot = slots[first(1) + t];
  const uint tile_words = kv_tile_words(width());
  const uint pages = (pool.length() - first(2)) / (HEADS * tile_words);
  if (slot < 0 || uint(slot) / PAGE >= pages) return;
  const uint tile = first(2) + (uint(slot) / PAGE * HEADS + head) * tile_words;
  const uint position = uint(slot) % PAGE, from = row_in(0, t, head) + channel;
  if (CELL == Q8_0) {
    store_blocks(tile, position, from, channel);
  } else {
    store_four(tile + kv_row(width(), position), from, channel);
  }
}
