// q6_K: nibbles of 8 pieces, bit pairs of 4, 16 signed scales, half d: d * scale * (q - 32). A half
// of the block holds four groups: low nibbles of two, then their high nibbles; bit pairs of all four.
#include "group.glsl"

const uint BLOCK_BYTES = 210, BLOCK_GROUPS = 8, UNIT = 4;
const int OFFSET = 32;
const bool HAS_MINIMUM = false;

int scale_of(uvec4 scales, uint i) { return bitfieldExtract(int(scales[i / 4]), int(i % 4 * 8), 8); }

Group load_group(TileRow at, uint group) {
  Group g;
  const uint part = group / 4, run = group % 4, nibble = run / 2 * 4;
  for (uint p = 0; p < 2; ++p) {
    const uvec4 low = piece(at, part * 4 + run % 2 * 2 + p), high = piece(at, 8 + part * 2 + p);
    for (int i = 0; i < 4; ++i)
      g.q[p * 4 + i] = low[i] >> nibble & 0x0f0f0f0fu | (high[i] >> run * 2 & 0x03030303u) << 4;
  }
  const uvec4 scales = piece(at, 12);
  g.sub = int[2](scale_of(scales, group * 2), scale_of(scales, group * 2 + 1));
  g.scale = half_at(at, 13, 0);
  g.minimum = 0;
  return g;
}
