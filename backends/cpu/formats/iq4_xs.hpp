// iq4_xs: 256 values in 8 groups; half d, 16 high bit pairs and 8 low nibbles of the scales, 128
// bytes of nibbles that choose from the table of iq4_nl: d * (scale - 32) * table[q].
#pragma once

#include <tenon/sdk/kernel.hpp>

#include "fields.hpp"
#include "iq4_nl.hpp"

namespace tenon::cpu::formats {

struct Iq4Xs {
  static constexpr sdk::Name dtype{"iq4_xs"};
  static constexpr int64_t values = 256, bytes = 136;
  static void block(const uint8_t* in, float* out) {
    const float d = half_at(in);
    const int high = in[2] | in[3] << 8;
    for (int i = 0; i < 256; ++i) {
      const int g = i / 32;
      const int scale = (in[4 + g / 2] >> g % 2 * 4 & 15) | (high >> 2 * g & 3) << 4;
      const int8_t value = k_iq4_table[nibble_at(in + 8 + 16 * g, i % 32)];
      out[i] = d * static_cast<float>(scale - 32) * static_cast<float>(value);
    }
  }
};

}  // namespace tenon::cpu::formats
