// Both kernels of tn.embed_rows: an invocation widens a group of 32 values of one row of the table.
#include "../formats/weights.glsl"

INTS(1, ids);
FLOATS_OUT(2, y);

// own: 0 rows of the table, 1 groups of a row, 2 words from a row of y to the next, 3 symbol of the
//      ids, 4 their number without it, 5 values of a row
const uint SLAB = 8192;  // rows of the table that a group along the third axis answers for

struct Row {
  uint tile, row, to;  // in the table; where y has it
  bool here;
};

Row find_row(uint group) {
  const uint t = gl_WorkGroupID.y;
  if (t >= extent_or(own(3), own(4)) || group >= own(1)) return Row(0, 0, 0, false);
  const uint id = uint(ids[first(1) + t]);  // a negative one is beyond every table
  const uint row = id - first_row();
  const bool here = id < own(0) && id >= first_row() && row / SLAB == gl_WorkGroupID.z;
  return Row(row / 16, row % 16, first(2) + t * own(2) + group * 32, here);
}
