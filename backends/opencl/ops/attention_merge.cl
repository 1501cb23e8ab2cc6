// tn.attention for plans of few rows, second part: the splits of a row and head in order.
#include "common.clh"
#include "attention.clh"

// parts_of: as attention_split wrote them
KERNEL(ATTENTION_INPUTS, FLOATS_OUT(y), FLOATS(sinks), FLOATS(parts_of)) {
  const uint t = group_y(), head = group_x(), lane = lane_index();
  if (t >= extent_or(own(0), own(1)) || lane >= DV) return;
  const uint to = first(6) + (t * own(2) + head) * DV + lane;
  const Row row = row_of(t);
  Part all = empty_part();
  for (uint split = row.begin / SPLIT; split * SPLIT < row.end; ++split) {
    const uint from = first(8) + ((t * own(2) + head) * own(9) + split) * (DV + 2);
    all = merged(all, part_of(parts_of[from + DV], parts_of[from + DV + 1], parts_of[from + lane]));
  }
  y[to] =
      row.end == 0 ? 0.0f : finished(all, SINKS, SINKS != 0 ? sinks[first(7) + head] : 0.0f);
}
