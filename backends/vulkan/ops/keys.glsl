// Keys that have the order of the floats they are made of, and whose place is the lower of two that are
// equal; what is not finite is above all.

const uint NOT_FINITE = 0xffffffffu, NOWHERE = 0xffffffffu;

uint key_of(uint bits) {
  const uint sign = 0x80000000u, magnitude = bits & ~sign;
  if (magnitude >= 0x7f800000u) return NOT_FINITE;
  if (magnitude == 0) return sign;  // the zeros are equal
  return (bits & sign) != 0 ? ~bits : bits | sign;
}

bool wins(uint key, uint place, uint other_key, uint other_place) {
  return key > other_key || (key == other_key && place < other_place);
}
