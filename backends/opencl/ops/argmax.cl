// tn.argmax, second part: the winner of the parts of each row; -1 if a value is not finite.
#include "common.clh"
#include "argmax.clh"

// own: as in argmax_parts, whose parts these are
KERNEL(WORDS(parts), WORDS_OUT(y)) {
  local uint keys[256], places[256];
  const uint t = group_y(), lane = lane_index();
  uint key = 0, place = NOWHERE;
  for (uint part = lane; part < own(4); part += 256) {
    const uint from = first(0) + 2 * (t * own(4) + part);
    if (wins(parts[from], parts[from + 1], key, place)) {
      key = parts[from];
      place = parts[from + 1];
    }
  }
  find_largest(keys, places, key, place);
  if (lane == 0) y[first(1) + t] = keys[0] == NOT_FINITE ? NOWHERE : places[0];
}
