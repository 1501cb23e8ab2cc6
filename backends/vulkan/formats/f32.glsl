// f32: 32 values in 8 pieces.
const uint BLOCK_BYTES = 128, PIECES = 8, PIECE_VALUES = 4;

void load_values(uvec4 bytes, out float values[PIECE_VALUES]) {
  for (int i = 0; i < 4; ++i) values[i] = uintBitsToFloat(bytes[i]);
}
