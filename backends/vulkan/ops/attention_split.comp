// tn.attention for plans of few rows, first part: a work-group per row and split.
#version 450
#include "common.glsl"
#include "attention.glsl"

FLOATS_OUT(6, parts_of);  // [row][head][split]: DV mixed values, largest, sum

void main() {
  const uint t = gl_WorkGroupID.y, head = gl_WorkGroupID.z * HEADS, split = gl_WorkGroupID.x;
  const uint lane = gl_LocalInvocationIndex;
  if (t >= extent_or(own(0), own(1)) || !find_row(t)) return;
  if ((split + 1) * SPLIT <= begin_ || split * SPLIT >= end_) return;
  load_query(t, head);
  Part parts[HEADS];
  attend(head / GROUP, split, parts);
  for (uint g = 0; g < HEADS; ++g) {
    const uint to = first(6) + ((t * own(2) + head + g) * own(9) + split) * (DV + 2);
    if (lane < DV) parts_of[to + lane] = parts[g].mixed;
    if (lane == 0) parts_of[to + DV] = parts[g].largest;
    if (lane == 0) parts_of[to + DV + 1] = parts[g].sum;
  }
}
