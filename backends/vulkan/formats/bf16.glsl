// bf16: 32 values in 4 pieces; each is the upper half of a float.
const uint BLOCK_BYTES = 64, PIECES = 4, PIECE_VALUES = 8;

void load_values(uvec4 bytes, out float values[PIECE_VALUES]) {
  for (int i = 0; i < 4; ++i) {
    values[2 * i] = uintBitsToFloat(bytes[i] << 16);
    values[2 * i + 1] = uintBitsToFloat(bytes[i] & 0xffff0000u);
  }
}
