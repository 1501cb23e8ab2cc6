// q5_K: header of scales, 32 bytes of fifth bits (bit g of a byte: group g), 128 bytes of nibbles.
#include "group.glsl"
#include "k_scales.glsl"

const uint BLOCK_BYTES = 176, BLOCK_GROUPS = 8, UNIT = 2;
const int OFFSET = 0;
const bool HAS_MINIMUM = true;

Group load_group(TileRow at, uint group) {
  Group g;
  const uint shift = group % 2 * 4;
  const uvec4 low = piece(at, 3 + group / 2 * 2), high = piece(at, 4 + group / 2 * 2);
  const uvec4 fifth_low = piece(at, 1), fifth_high = piece(at, 2);
  for (int i = 0; i < 4; ++i) {
    g.q[i] = low[i] >> shift & 0x0f0f0f0fu | (fifth_low[i] >> group & 0x01010101u) << 4;
    g.q[i + 4] = high[i] >> shift & 0x0f0f0f0fu | (fifth_high[i] >> group & 0x01010101u) << 4;
  }
  k_scales(piece(at, 0), group, g);
  return g;
}
