// q3_K: 256 values in 16 groups; 32 bytes of third bits, 64 bytes of bit pairs, 12 bytes of 6-bit
// scales, half d: d * (scale - 32) * (q - 4).
#pragma once

#include <tenon/sdk/kernel.hpp>

#include "fields.hpp"

namespace tenon::cpu::formats {

struct Q3K {
  static constexpr sdk::Name dtype{"q3_K"};
  static constexpr int64_t values = 256, bytes = 110;
  static void block(const uint8_t* in, float* out) {
    const float d = half_at(in + 108);
    for (int i = 0; i < 256; ++i) {
      const int third = in[i % 32] >> i / 32 & 1;
      const float step = d * static_cast<float>(scale_at(in + 96, i / 16) - 32);
      out[i] = step * static_cast<float>((pair_at(in + 32, i) | third << 2) - 4);
    }
  }

 private:
  // Low nibbles of the scales 0 … 7, then 8 … 15, in 8 bytes; the high pairs in the last 4.
  static int scale_at(const uint8_t* s, int group) {
    return (s[group % 8] >> group / 8 * 4 & 15) | (s[8 + group % 4] >> group / 4 * 2 & 3) << 4;
  }
};

}  // namespace tenon::cpu::formats
