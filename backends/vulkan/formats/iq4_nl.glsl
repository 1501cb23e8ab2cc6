// iq4_nl: 16 bytes of nibbles, half d: d * step.
#include "group.glsl"
#include "iq4_steps.glsl"

const uint BLOCK_BYTES = 18, BLOCK_GROUPS = 1, UNIT = 1;
const int OFFSET = 0;
const bool HAS_MINIMUM = false;

Group load_group(TileRow at, uint) {
  Group g;
  nibbles(piece(at, 0), g.q);
  for (int i = 0; i < 8; ++i) g.q[i] = steps_of(g.q[i]);
  g.sub = int[2](1, 1);
  g.scale = half_at(at, 1, 0);
  g.minimum = 0;
  return g;
}
