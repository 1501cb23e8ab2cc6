// tq2_0: 64 bytes of bit pairs, half d: d * (q - 1). A half of the block holds four groups.
#include "group.glsl"

const uint BLOCK_BYTES = 66, BLOCK_GROUPS = 8, UNIT = 4;
const int OFFSET = 1;
const bool HAS_MINIMUM = false;

Group load_group(TileRow at, uint group) {
  Group g;
  for (uint p = 0; p < 2; ++p) {
    const uvec4 pairs = piece(at, group / 4 * 2 + p);
    for (int i = 0; i < 4; ++i) g.q[p * 4 + i] = pairs[i] >> group % 4 * 2 & 0x03030303u;
  }
  g.sub = int[2](1, 1);
  g.scale = half_at(at, 4, 0);
  g.minimum = 0;
  return g;
}
