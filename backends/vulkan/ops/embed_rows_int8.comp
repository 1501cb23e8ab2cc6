// tn.embed_rows from a quantised table.
#version 450
#include "common.glsl"
#include "embed_rows.glsl"
#include "../formats/format.glsl"

void main() {
  const uint group = gl_GlobalInvocationID.x;
  const Row r = find_row(group);
  if (!r.here) return;
  const TileRow at =
      tile_row(r.tile, r.row, own(1) / BLOCK_GROUPS, group / BLOCK_GROUPS, BLOCK_BYTES);
  const Group g = load_group(at, group % BLOCK_GROUPS);
  for (int i = 0; i < 32; ++i) {
    const int q = bitfieldExtract(int(g.q[i / 4]), i % 4 * 8, 8) - OFFSET;
    precise float value = g.scale * float(g.sub[i / 16]);  // exact, as the next product is
    value = value * float(q);
    if (HAS_MINIMUM) value = value - g.minimum;
    y[r.to + i] = value;
  }
}
