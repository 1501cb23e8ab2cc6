// q8_0: 32 signed bytes, half d: d * q.
#include "group.glsl"

const uint BLOCK_BYTES = 34, BLOCK_GROUPS = 1, UNIT = 1;
const int OFFSET = 0;
const bool HAS_MINIMUM = false;

Group load_group(TileRow at, uint) {
  Group g;
  const uvec4 low = piece(at, 0), high = piece(at, 1);
  for (int i = 0; i < 4; ++i) {
    g.q[i] = low[i];
    g.q[i + 4] = high[i];
  }
  g.sub = int[2](1, 1);
  g.scale = half_at(at, 2, 0);
  g.minimum = 0;
  return g;
}
