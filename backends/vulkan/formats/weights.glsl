// Buffer 0 of a kernel that reads weights, in the layout r16/1: one row of one tile at a time.
// A kernel defines nothing before it; a format says how a group of 32 values is read.
// The same bytes as pieces of 16 and as words.
BUFFER_(0, readonly restrict) { uvec4 w_pieces[]; };
layout(std430, set = 0, binding = 1) readonly restrict buffer WeightWords { uint w_words[]; };

// A row of a tile: where its tile begins, in pieces of 16 bytes, and which of the 16 rows it is.
struct TileRow {
  uint base, row;
};

// `bytes` of a block are as many pieces of a tile.
TileRow tile_row(uint tile, uint row, uint row_blocks, uint block, uint block_bytes) {
  return TileRow(first(0) / 4 + (tile * row_blocks + block) * block_bytes, row);
}

// Piece i of the row, of those that the tile begins with.
uvec4 piece(TileRow at, uint i) { return w_pieces[at.base + i * 16 + at.row]; }
// The word of the row in an array of words behind `pieces` arrays of pieces and `words` of words.
uint word(TileRow at, uint pieces, uint words) {
  return w_words[(at.base + pieces * 16 + words * 4) * 4 + at.row];
}
// Likewise a half; `words` may count two arrays of halves as one of words.
float half_at(TileRow at, uint pieces, uint words) {
  const uint pair = w_words[(at.base + pieces * 16 + words * 4) * 4 + at.row / 2];
  const vec2 both = unpackHalf2x16(pair);
  return at.row % 2 == 0 ? both.x : both.y;
}
