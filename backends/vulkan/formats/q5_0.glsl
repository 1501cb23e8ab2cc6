// q5_0: 16 bytes of nibbles, 32 fifth bits, half d: d * (q - 16).
#include "group.glsl"

const uint BLOCK_BYTES = 22, BLOCK_GROUPS = 1, UNIT = 1;
const int OFFSET = 16;
const bool HAS_MINIMUM = false;

Group load_group(TileRow at, uint) {
  Group g;
  nibbles(piece(at, 0), g.q);
  const uint fifth = word(at, 1, 0);
  for (int i = 0; i < 8; ++i) g.q[i] |= spread(fifth >> 4 * i);
  g.sub = int[2](1, 1);
  g.scale = half_at(at, 1, 1);
  g.minimum = 0;
  return g;
}
