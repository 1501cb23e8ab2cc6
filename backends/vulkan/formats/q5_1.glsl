// q5_1: 16 bytes of nibbles, 32 fifth bits, halves d and m: d * q + m.
#include "group.glsl"

const uint BLOCK_BYTES = 24, BLOCK_GROUPS = 1, UNIT = 1;
const int OFFSET = 0;
const bool HAS_MINIMUM = true;

Group load_group(TileRow at, uint) {
  Group g;
  nibbles(piece(at, 0), g.q);
  const uint fifth = word(at, 1, 0);
  for (int i = 0; i < 8; ++i) g.q[i] |= spread(fifth >> 4 * i);
  g.sub = int[2](1, 1);
  const vec2 scales = unpackHalf2x16(word(at, 1, 1));
  g.scale = scales.x;
  g.minimum = -scales.y;
  return g;
}
