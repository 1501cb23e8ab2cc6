// tn.embed_rows from a quantised table.
#include "common.clh"
#include "embed_rows.clh"
#include "../formats/format.clh"

KERNEL(WORDS(w), INTS(ids), FLOATS_OUT(y)) {
  FIND_ROW(ids);
  const TileRow at = tile_row(w + first(0), row / 16, row % 16, own(1) / BLOCK_GROUPS,
                              group / BLOCK_GROUPS, BLOCK_BYTES);
  const Group g = load_group(at, group % BLOCK_GROUPS);
  for (uint i = 0; i < 32; ++i) {
    const int q = signed_byte(g.q[i / 4], i % 4) - OFFSET;
    float value = g.scale * (float)g.sub[i / 16];  // exact, as the next product is
    value = value * (float)q;
    if (HAS_MINIMUM) value = value - g.minimum;
    y[to + i] = value;
  }
}
