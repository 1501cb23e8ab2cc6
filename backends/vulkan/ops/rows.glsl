// Rows of operands, as backends/gpu/ops/rows.hpp describes them: the last axis is contiguous, up to
// three axes before it have any step. A row is (t, i): t along the first axis, i over the others.
//   own: 0 symbol of the first axis, 1 its bound, 2 rows inside of one t, 3 extent of the third
//   axis, 4 width, then of each input: words from one to the next along the three axes; the
//   parameters of the op follow, from own(own_words(inputs)) on

const uint INPUT_WORDS = 5;
uint own_words(uint inputs) { return INPUT_WORDS + 3 * inputs; }

uint width() { return own(4); }
bool is_row(uint t) { return t < extent_or(own(0), own(1)); }

// Where row (t, i) of input n begins.
uint row_in(uint n, uint t, uint i) {
  const uint steps = INPUT_WORDS + 3 * n;
  return first(n) + t * own(steps) + i / own(3) * own(steps + 1) + i % own(3) * own(steps + 2);
}
// Outputs are dense.
uint row_out(uint n, uint t, uint i) { return first(n) + (t * own(2) + i) * width(); }
