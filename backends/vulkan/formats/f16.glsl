// f16: 32 values in 4 pieces.
const uint BLOCK_BYTES = 64, PIECES = 4, PIECE_VALUES = 8;

void load_values(uvec4 bytes, out float values[PIECE_VALUES]) {
  for (int i = 0; i < 4; ++i) {
    const vec2 two = unpackHalf2x16(bytes[i]);
    values[2 * i] = two.x;
    values[2 * i + 1] = two.y;
  }
}
