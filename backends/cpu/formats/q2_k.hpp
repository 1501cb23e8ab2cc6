// q2_K: 256 values in 16 groups; 16 bytes of 4-bit scales and minima, 64 bytes of bit pairs, half
// d, half dmin: d * scale * q - dmin * minimum.
#pragma once

#include <tenon/sdk/kernel.hpp>

#include "fields.hpp"

namespace tenon::cpu::formats {

struct Q2K {
  static constexpr sdk::Name dtype{"q2_K"};
  static constexpr int64_t values = 256, bytes = 84;
  static void block(const uint8_t* in, float* out) {
    const float d = half_at(in + 80), dmin = half_at(in + 82);
    for (int i = 0; i < 256; ++i) {
      const uint8_t both = in[i / 16];
      const float step = d * static_cast<float>(both & 15);
      const float low = dmin * static_cast<float>(both >> 4);
      out[i] = step * static_cast<float>(pair_at(in + 16, i)) - low;
    }
  }
};

}  // namespace tenon::cpu::formats
