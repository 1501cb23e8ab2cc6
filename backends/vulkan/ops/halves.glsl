// 16-bit floats in words, converted in integers: what a driver does with small and large ones is open.

// Exact.
float half_to_float(uint bits) {
  const uint sign = (bits & 0x8000u) << 16, magnitude = (bits & 0x7fffu) << 13;
  if (magnitude >= 0x0f800000u) return uintBitsToFloat(sign | magnitude | 0x7f800000u);
  if (magnitude >= 0x00800000u) return uintBitsToFloat(sign | (magnitude + 0x38000000u));
  const float small = float(bits & 0x7fffu) * uintBitsToFloat(0x33800000u);  // times 2^-24
  return uintBitsToFloat(floatBitsToUint(small) | sign);
}

// To nearest even.
uint float_to_half(float x) {
  const uint bits = floatBitsToUint(x), sign = bits >> 16 & 0x8000u, magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return sign | 0x7e00u;
  if (magnitude >= 0x477ff000u) return sign | 0x7c00u;
  if (magnitude < 0x33000000u) return sign;  // below 2^-25
  if (magnitude < 0x38800000u) {  // below 2^-14: a whole number of 2^-24, rounded by hand
    const uint shift = 126 - (magnitude >> 23), mantissa = (magnitude & 0x007fffffu) | 0x00800000u;
    const uint kept = mantissa >> shift, rest = mantissa & ((1u << shift) - 1), tie = 1u << (shift - 1);
    return sign | (kept + uint(rest > tie || (rest == tie && (kept & 1u) != 0)));
  }
  return sign | (magnitude + 0xfffu + (magnitude >> 13 & 1u) - 0x38000000u) >> 13;
}

float bfloat_to_float(uint bits) { return uintBitsToFloat(bits << 16); }

uint float_to_bfloat(float x) {
  const uint bits = floatBitsToUint(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return bits >> 16 | 0x40u;
  return (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16;
}
