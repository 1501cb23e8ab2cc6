// What a quantised format gives: 32 values as int8, four to a word, in the order of the row. The
// value is scale * sub[half] * (q - OFFSET) - minimum, half = 0 for the first 16 values.
struct Group {
  uint q[8];
  int sub[2];
  float scale, minimum;
};

// Bytes 0 .. 3 of the result have bit `shift + 4` of the fifth bits `bits`, four to a byte.
uint spread(uint four_bits) { return ((four_bits & 15u) * 0x00204081u & 0x01010101u) << 4; }

// The low nibbles are values 0 .. 15, the high ones 16 .. 31.
void nibbles(uvec4 bytes, out uint q[8]) {
  for (int i = 0; i < 4; ++i) {
    q[i] = bytes[i] & 0x0f0f0f0fu;
    q[i + 4] = bytes[i] >> 4 & 0x0f0f0f0fu;
  }
}
