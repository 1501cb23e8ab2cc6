// q4_K: 256 values in 8 groups; half d, half dmin, 12 bytes of 6-bit scales and minima, 128 bytes
// of nibbles: d * scale * q - dmin * minimum.
#pragma once

#include <tenon/sdk/kernel.hpp>

#include "fields.hpp"

namespace tenon::cpu::formats {

struct ScaleAndMinimum {
  int scale, minimum;
};

// The 6-bit pair of group g: groups 4 … 7 have their low 4 bits last
// and the high 2 bits above those of groups 0 … 3.
inline ScaleAndMinimum k_scales(const uint8_t* s, int g) {
  if (g < 4) return {s[g] & 63, s[g + 4] & 63};
  return {(s[g + 4] & 15) | s[g - 4] >> 6 << 4, s[g + 4] >> 4 | s[g] >> 6 << 4};
}

struct Q4K {
  static constexpr sdk::Name dtype{"q4_K"};
  static constexpr int64_t values = 256, bytes = 144;
  static void block(const uint8_t* in, float* out) {
    const float d = half_at(in), dmin = half_at(in + 2);
    for (int g = 0; g < 8; ++g) {
      const auto [scale, minimum] = k_scales(in + 4, g);
      const float step = d * static_cast<float>(scale), low = dmin * static_cast<float>(minimum);
      const uint8_t* q = in + 16 + g / 2 * 32;
      for (int i = 0; i < 32; ++i) {
        out[32 * g + i] = step * static_cast<float>(g % 2 == 0 ? q[i] & 15 : q[i] >> 4) - low;
      }
    }
  }
};

}  // namespace tenon::cpu::formats
