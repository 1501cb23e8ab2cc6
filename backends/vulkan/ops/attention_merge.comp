// tn.attention for plans of few rows, second part: the splits of a row and head in order.
#version 450
#include "common.glsl"
#include "attention.glsl"

FLOATS_OUT(6, y);
FLOATS(7, sinks);
FLOATS(8, parts_of);  // as attention_split wrote them

void main() {
  const uint t = gl_WorkGroupID.y, head = gl_WorkGroupID.x, lane = gl_LocalInvocationIndex;
  if (t >= extent_or(own(0), own(1)) || lane >= DV) return;
  const uint to = first(6) + (t * own(2) + head) * DV + lane;
  if (!find_row(t)) {
    y[to] = 0.0;
    return;
  }
  Part all = empty_part();
  for (uint split = begin_ / SPLIT; split * SPLIT < end_; ++split) {
    const uint from = first(8) + ((t * own(2) + head) * own(9) + split) * (DV + 2);
    all = merged(all, Part(parts_of[from + DV], parts_of[from + DV + 1], parts_of[from + lane]));
  }
  y[to] = finished(all, SINKS != 0 ? sinks[first(7) + head] : 0.0);
}
