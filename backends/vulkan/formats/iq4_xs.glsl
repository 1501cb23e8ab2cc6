// iq4_xs: 8 pieces of nibbles, one for each group; {half d, high 2 bits of 8 scales}, their low 4 bits:
// d * (scale - 32) * step.
#include "group.glsl"
#include "iq4_steps.glsl"

const uint BLOCK_BYTES = 136, BLOCK_GROUPS = 8, UNIT = 1;
const int OFFSET = 0;
const bool HAS_MINIMUM = false;

Group load_group(TileRow at, uint group) {
  Group g;
  nibbles(piece(at, group), g.q);
  for (int i = 0; i < 8; ++i) g.q[i] = steps_of(g.q[i]);
  const uint header = word(at, 8, 0), low = word(at, 8, 1) >> 4 * group & 15u;
  const int scale = int(low | (header >> 16 + 2 * group & 3u) << 4) - 32;
  g.sub = int[2](scale, scale);
  g.scale = unpackHalf2x16(header).x;
  g.minimum = 0;
  return g;
}
