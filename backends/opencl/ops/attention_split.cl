// tn.attention for plans of few rows, first part: a work-group per row and split.
#include "common.clh"
#include "attention.clh"

// parts_of is [row][head][split]: DV mixed values, largest, sum. Splits that are not read are computed
// as empty ones, and not stored. Sinks are the merge's.
KERNEL(ATTENTION_INPUTS, FLOATS_OUT(parts_of), FLOATS(sinks)) {
  ATTENTION_LOCALS;
  const uint t = group_y(), head = group_z() * HEADS, split = group_x(), lane = lane_index();
  const Row row = row_of(t);
  const bool is_read = (split + 1) * SPLIT > row.begin && split * SPLIT < row.end;
  const Pool key_pool = pool_of(keys, 1, DK), value_pool = pool_of(values, 2, DV);
  load_query(query, q + first(0) + t * own(3) + head * own(4), own(4), SCALE);
  Part parts[HEADS];
  attend(query, weights, lanes, key_pool, value_pool, row, head / GROUP, split, SOFTCAP, parts);
  for (uint g = 0; g < HEADS && is_read; ++g) {
    const uint to = first(6) + ((t * own(2) + head + g) * own(9) + split) * (DV + 2);
    if (lane < DV) parts_of[to + lane] = parts[g].mixed;
    if (lane == 0) parts_of[to + DV] = parts[g].largest;
    if (lane == 0) parts_of[to + DV + 1] = parts[g].sum;
  }
}
