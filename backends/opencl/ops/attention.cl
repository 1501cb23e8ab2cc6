// tn.attention for plans of many rows: a work-group goes through all splits of its row.
#include "common.clh"
#include "attention.clh"

KERNEL(ATTENTION_INPUTS, FLOATS_OUT(y), FLOATS(sinks)) {
  ATTENTION_LOCALS;
  const uint t = group_y(), head = group_x() * HEADS, lane = lane_index();
  const uint to = first(6) + (t * own(2) + head) * DV + lane;
  const Row row = row_of(t);
  const Pool key_pool = pool_of(keys, 1, DK), value_pool = pool_of(values, 2, DV);
  load_query(query, q + first(0) + t * own(3) + head * own(4), own(4), SCALE);
  Part all[HEADS];
  for (uint g = 0; g < HEADS; ++g) all[g] = empty_part();
  for (uint split = row.begin / SPLIT; split * SPLIT < row.end; ++split) {
    Part parts[HEADS];
    attend(query, weights, lanes, key_pool, value_pool, row, head / GROUP, split, SOFTCAP,
           parts);
    for (uint g = 0; g < HEADS; ++g) all[g] = merged(all[g], parts[g]);
  }
  for (uint g = 0; g < HEADS && lane < DV; ++g)
    y[to + g * DV] =
        row.end == 0 ? 0.0f
                     : finished(all[g], SINKS, SINKS != 0 ? sinks[first(7) + head + g] : 0.0f);
}
