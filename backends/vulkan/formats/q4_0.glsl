// q4_0: 16 bytes of nibbles, half d: d * (q - 8).
#include "group.glsl"

const uint BLOCK_BYTES = 18, BLOCK_GROUPS = 1, UNIT = 1;
const int OFFSET = 8;
const bool HAS_MINIMUM = false;

Group load_group(TileRow at, uint) {
  Group g;
  nibbles(piece(at, 0), g.q);
  g.sub = int[2](1, 1);
  g.scale = half_at(at, 1, 0);
  g.minimum = 0;
  return g;
}
