// iq4_nl and iq4_xs: a nibble is one of 16 steps that are not evenly spaced, four to a word here.
const uint STEPS[4] = uint[4](0xbfad9881u, 0xf6eaddcfu, 0x26190d01u, 0x71594535u);

// Nibbles, four to a word, to steps.
uint steps_of(uint nibbles) {
  uint steps = 0;
  for (uint i = 0; i < 32; i += 8) {
    const uint n = nibbles >> i & 15u;
    steps |= (STEPS[n / 4] >> n % 4 * 8 & 255u) << i;
  }
  return steps;
}
