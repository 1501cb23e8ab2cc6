// The largest of keys and the lowest index it has, over a work-group.
#include "keys.glsl"

shared uint keys_[256];
shared uint places_[256];

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
