// q3_K: third bits of 2 pieces (bit g of a byte: group g), bit pairs of 4, 3 words of 6-bit scales, half d:
// d * (scale - 32) * (q - 4). A half of the block holds four groups, whose bit pairs share bytes.
#include "group.glsl"

const uint BLOCK_BYTES = 110, BLOCK_GROUPS = 8, UNIT = 4;
const int OFFSET = 4;
const bool HAS_MINIMUM = false;

// Of 16 values: low 4 bits in the first two words, high 2 bits in the third.
int scale_of(TileRow at, uint i) {
  const uint low = word(at, 6, i / 4 % 2) >> i % 4 * 8 + i / 8 * 4 & 15u;
  const uint high = word(at, 6, 2) >> i % 4 * 8 + i / 4 * 2 & 3u;
  return int(low | high << 4) - 32;
}

Group load_group(TileRow at, uint group) {
  Group g;
  for (uint p = 0; p < 2; ++p) {
    const uvec4 pairs = piece(at, 2 + group / 4 * 2 + p), third = piece(at, p);
    for (int i = 0; i < 4; ++i)
      g.q[p * 4 + i] =
          pairs[i] >> group % 4 * 2 & 0x03030303u | (third[i] >> group & 0x01010101u) << 2;
  }
  g.sub = int[2](scale_of(at, group * 2), scale_of(at, group * 2 + 1));
  g.scale = half_at(at, 6, 3);
  g.minimum = 0;
  return g;
}
