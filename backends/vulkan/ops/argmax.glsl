// The largest of keys and the lowest index it has, over a work-group. Keys are in the order of the
// floats they are made of; what is not finite is above all.
#include "exact_math.glsl"

const uint NO_NUMBER = 0xffffffffu, NOWHERE = 0xffffffffu;

shared uint keys_[256];
shared uint places_[256];

uint key_of(float x) {
  const uint bits = floatBitsToUint(x);
  if (magnitude_of(x) >= INFINITE) return NO_NUMBER;
  if ((bits & ~SIGN) == 0) return SIGN;  // the zeros are equal
  return (bits & SIGN) != 0 ? ~bits : bits | SIGN;
}

bool wins(uint key, uint place, uint other_key, uint other_place) {
  return key > other_key || (key == other_key && place < other_place);
}

// The result lies in keys_[0] and places_[0].
void find_largest(uint key, uint place) {
  const uint lane = gl_LocalInvocationIndex;
  keys_[lane] = key;
  places_[lane] = place;
  barrier();
  for (uint n = 128; n > 0; n /= 2) {
    if (lane < n && wins(keys_[lane + n], places_[lane + n], keys_[lane], places_[lane])) {
      keys_[lane] = keys_[lane + n];
      places_[lane] = places_[lane + n];
    }
    barrier();
  }
}
