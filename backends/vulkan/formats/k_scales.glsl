// q4_K and q5_K: the first piece of a block is {halves d and dmin, 12 bytes of 6-bit scales and
// minima}; groups 4 .. 7 have their low 4 bits last and the high 2 bits above those of 0 .. 3.
uint byte_of(uint word, uint i) { return word >> 8 * i & 255u; }

void k_scales(uvec4 header, uint group, inout Group g) {
  const uint i = group & 3u;
  const uint low = byte_of(header[1], i), high = byte_of(header[2], i), last = byte_of(header[3], i);
  const bool first_half = group < 4;
  const uint scale = first_half ? low & 63u : (last & 15u) | low >> 6 << 4;
  const uint minimum = first_half ? high & 63u : last >> 4 | high >> 6 << 4;
  const vec2 d = unpackHalf2x16(header[0]);
  g.scale = d.x * float(scale);
  g.minimum = d.y * float(minimum);
  g.sub = int[2](1, 1);
}
