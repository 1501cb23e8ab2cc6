// tn.attention for plans of many rows: a work-group goes through all splits of its row.
#version 450
#include "common.glsl"
#include "attention.glsl"

FLOATS_OUT(6, y);
FLOATS(7, sinks);

void main() {
  const uint t = gl_WorkGroupID.y, head = gl_WorkGroupID.x * HEADS, lane = gl_LocalInvocationIndex;
  if (t >= extent_or(own(0), own(1))) return;
  const uint to = first(6) + (t * own(2) + head) * DV + lane;
  if (!find_row(t)) {
    for (uint g = 0; g < HEADS && lane < DV; ++g) y[to + g * DV] = 0.0;
    return;
  }
  load_query(t, head);
  Part all[HEADS];
  for (uint g = 0; g < HEADS; ++g) all[g] = empty_part();
  for (uint split = begin_ / SPLIT; split * SPLIT < end_; ++split) {
    Part parts[HEADS];
    attend(head / GROUP, split, parts);
    for (uint g = 0; g < HEADS; ++g) all[g] = merged(all[g], parts[g]);
  }
  for (uint g = 0; g < HEADS && lane < DV; ++g)
    y[to + g * DV] = finished(all[g], SINKS != 0 ? sinks[first(7) + head + g] : 0.0);
}
