// q4_K: header of scales, 128 bytes of nibbles: two groups share 32 bytes.
#include "group.glsl"
#include "k_scales.glsl"

const uint BLOCK_BYTES = 144, BLOCK_GROUPS = 8, UNIT = 2;
const int OFFSET = 0;
const bool HAS_MINIMUM = true;

Group load_group(TileRow at, uint group) {
  Group g;
  const uint shift = group % 2 * 4;
  const uvec4 low = piece(at, 1 + group / 2 * 2), high = piece(at, 2 + group / 2 * 2);
  for (int i = 0; i < 4; ++i) {
    g.q[i] = low[i] >> shift & 0x0f0f0f0fu;
    g.q[i + 4] = high[i] >> shift & 0x0f0f0f0fu;
  }
  k_scales(piece(at, 0), group, g);
  return g;
}
